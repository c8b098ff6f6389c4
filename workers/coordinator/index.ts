// The Durable Objects. Nothing is served over HTTP but the live socket, which the gateway forwards to `Lane`.
export { Gate } from './gate.ts'
export { Lane } from './lane.ts'

export default {
  fetch: () => new Response('Not found', { status: 404 }),
} satisfies ExportedHandler
