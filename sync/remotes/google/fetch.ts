/** A `fetch` as these remotes use it: one finished request. Tests hand in an emulator's. */
export type Fetch = (request: Request) => Promise<Response>

/**
 * The fetch that Google's packages are given. They call fixed addresses of their own (the token endpoint is a constant in
 * google-auth-library), so another `origin` is put in here, once for all APIs: their paths don't overlap.
 */
export function googleFetch(fetch: Fetch, origin: string | null) {
  return (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    const target =
      origin && url.hostname.endsWith('.googleapis.com') ? new URL(url.pathname + url.search, origin) : url
    // gaxios puts all its options into `init`; a Worker refuses some of them.
    const { method = 'GET', headers, body, signal } = init
    return fetch(
      new Request(target, {
        method,
        ...(headers && { headers }),
        ...(body && { body }),
        ...(signal && { signal }),
      }),
    )
  }
}
