import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import type { Context, Env } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type * as z from 'zod'
import { Actor, LIMITS, Problem, type Role } from '../../sync/protocol/common.ts'
import { type Failure, HTTP, problem } from '../../sync/protocol/failures.ts'
import { wrongBinding } from './bindings.ts'

/** The header in which the gateway tells the Workers behind it who calls; it drops one that comes from outside. */
export const ACTOR = 'x-tidemark-actor'

/** What every handler of a Worker behind the gateway is given. */
export interface Door extends Env {
  Variables: { actor: Actor }
}

/** A failure as its answer. */
export function refuse(failure: Failure): Response {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (failure.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(failure.retryAfter))
  if (failure.type === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="tidemark"'
  return new Response(JSON.stringify(problem(failure)), { status: HTTP[failure.type][0], headers })
}

/** A failure on its way out of a handler: it is caught in one place and answered as problem+json. */
export class Refusal extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.detail)
    this.failure = failure
  }
}

/** An app whose bad input, failures, unknown paths and bugs are all problem+json. */
export function createApp<E extends Env>(bindings: Parameters<typeof wrongBinding>[1]) {
  const app = new OpenAPIHono<E>({
    defaultHook: (result) => {
      if (result.success) return undefined
      return refuse({
        type: 'bad_request',
        detail: 'Some of what was sent is not as it should be.',
        errors: result.error.issues
          .slice(0, 50)
          .map(({ path, message }) => ({ path: path.join('.'), message })),
      })
    },
  })
  app.use(async (c, next) => {
    const wrong = wrongBinding(c.env ?? {}, bindings)
    if (wrong !== null) return broken(wrong)
    await next()
    return undefined
  })
  app.notFound((c) =>
    refuse({ type: 'not_found', detail: `There is nothing at ${c.req.method} ${c.req.path}.` }),
  )
  app.onError((error) => {
    if (error instanceof Refusal) return refuse(error.failure)
    if (error instanceof HTTPException && error.status === 415) return refuse(NOT_JSON)
    if (error instanceof HTTPException && error.status === 400)
      return refuse({ type: 'bad_request', detail: 'The body is not valid JSON.' })
    const id = crypto.randomUUID()
    console.error(JSON.stringify({ event: 'door.error', id, error: String(error), stack: error.stack }))
    return broken(`Something unexpected went wrong. The log has it under ${id}.`)
  })
  return app
}

/** Said of a body of another type, and of none where one is needed. */
export const NOT_JSON: Failure = {
  type: 'bad_request',
  detail: 'The body is not JSON.',
  mend: 'Send JSON, with the header content-type: application/json.',
}

/** A bug or a broken deployment: the caller can do nothing about it, and is told so. */
const broken = (detail: string): Response =>
  Response.json(
    {
      type: 'urn:tidemark:problem:internal',
      title: 'Something is broken here',
      status: 500,
      detail,
      kept: 'What was acknowledged before is kept.',
      mend: 'Try again; if it stays, tell whoever runs this Tidemark.',
    } satisfies Problem,
    { status: 500, headers: { 'content-type': 'application/problem+json' } },
  )

/** Reads who calls from the gateway's header. Without it the request did not come through the gateway. */
export const identified = async (
  c: Context<Door>,
  next: () => Promise<void>,
): Promise<Response | undefined> => {
  const told = c.req.header(ACTOR)
  if (!told) return refuse({ type: 'unauthorized', detail: 'Nobody is signed in.' })
  c.set('actor', Actor.parse(JSON.parse(decodeURIComponent(told))))
  await next()
  return undefined
}

/** Lets only these roles in. */
export const only =
  (...roles: Role[]) =>
  async (c: Context<Door>, next: () => Promise<void>): Promise<Response | undefined> => {
    if (!roles.includes(c.get('actor').role))
      return refuse({
        type: 'forbidden',
        detail: `This needs the role ${roles.join(' or ')}; you have ${c.get('actor').role}.`,
        mend: 'Ask an admin for a token with that role.',
      })
    await next()
    return undefined
  }

const problemAnswer = {
  description: 'What went wrong, what was kept, and what to do',
  content: { 'application/problem+json': { schema: Problem } },
}

/** An answer of JSON with its schema. */
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A body of JSON with its schema. */
export const body = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})

/** A route whose failures are problem+json. */
export const route = <const R extends RouteConfig>(config: R) =>
  createRoute({ ...config, responses: { ...config.responses, default: problemAnswer } } as R)

/** Refuses a body over the limit, also where its length was not announced. */
export async function limitedBody(request: Request): Promise<ArrayBuffer | null> {
  if (Number(request.headers.get('content-length') ?? 0) > LIMITS.body) return null
  return request.body ? readWithin(request.body) : new ArrayBuffer(0)
}

/** What comes, up to the limit of a body; null: it is more. */
export async function readWithin(body: ReadableStream<Uint8Array>): Promise<ArrayBuffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > LIMITS.body) return null
    chunks.push(chunk)
  }
  return new Blob(chunks).arrayBuffer()
}

/** `Link: <…>; rel="next"` for a list that may go on after the last row shown. `by`: what the list calls that row. */
export function nextLink(
  c: Context,
  rows: readonly unknown[],
  limit: number,
  last: string | undefined,
  by: 'before' | 'after' = 'before',
): void {
  if (rows.length < limit || last === undefined) return
  const url = new URL(c.req.url)
  url.searchParams.set(by, last)
  c.header('link', `<${url.pathname}${url.search}>; rel="next"`)
}
