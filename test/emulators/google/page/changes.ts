import type { Google } from '../google.ts'

/** Server-sent events: one whenever a spreadsheet changed or a call was answered, for as long as the page is open. */
export function changes(google: Google, request: Request): Response {
  const encoder = new TextEncoder()
  let stop = () => {}
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode('retry: 5000\n\n'))
      stop = google.watch(() => controller.enqueue(encoder.encode('data: changed\n\n')))
      request.signal.addEventListener('abort', () => {
        stop()
        controller.close()
      })
    },
    cancel: () => stop(),
  })
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  })
}
