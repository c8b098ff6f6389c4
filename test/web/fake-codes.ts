import { type Handler, refuse } from './fake-reply.ts'
import type { Behaviour } from './fake-server.ts'

/** What a pairing code reads like, and the link that the server would make of it. */
export const PAIRING_CODE = 'M90B9-1WD2S'
export const PAIRING_LINK = `https://tidemark.example/review#code=${PAIRING_CODE}`

/** Codes live ten minutes; only admins make them. */
export const codeRoutes = (behaviour: Behaviour): [string, string, Handler][] => [
  [
    'POST',
    '/api/codes',
    () =>
      behaviour.role === 'admin'
        ? {
            status: 201,
            body: {
              code: PAIRING_CODE,
              url: PAIRING_LINK,
              expires_at: new Date(Date.now() + 600_000).toISOString(),
            },
          }
        : refuse('forbidden', `A ${behaviour.role} may not do this.`, 'Ask an admin.'),
  ],
]
