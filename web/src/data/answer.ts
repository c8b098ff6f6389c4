import type { Problem } from '../../../sync/protocol/common.ts'

/** What became of a request. `next`: the address of the list's next page. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly status: number; readonly next: string | null }
  | { readonly ok: false; readonly problem: Problem }
