import * as z from 'zod'
import { refusal } from './failure.ts'

/** An answer that passes its schema: the server may be of another version. */
export async function read<T>(schema: z.ZodType<T>, call: Promise<Reply>): Promise<T> {
  return parse(schema, await call)
}

/** What fetch and hono's client answers with, whatever the body. `httpFor` let only successes through. */
type Reply = Pick<Response, 'json' | 'headers'>

/** A list read to its end, by the Link headers. A page that fails fails the whole: half a list would look like lost rows. */
export async function everyPage<T>(
  row: z.ZodType<T>,
  first: Promise<Reply>,
  url: string,
  http: typeof fetch,
): Promise<T[]> {
  const rows: T[] = []
  let last: string | null = null
  for (let reply = await first; ; ) {
    rows.push(...(await parse(z.array(row), reply)))
    const next = nextOf(reply.headers)
    // A page that names itself as the next one would never end.
    if (next === null || next === last) return rows
    last = next
    reply = await http(new URL(next, url))
  }
}

const nextOf = (headers: Headers) =>
  /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '')?.[1] ?? null

async function parse<T>(schema: z.ZodType<T>, reply: Reply): Promise<T> {
  const parsed = schema.safeParse(await reply.json().catch(() => undefined))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refusal('garbled', {
    title: 'The answer is not understood',
    detail: `${issue?.path.join('.') || 'The answer'}: ${issue?.message ?? 'not as expected'}.`,
    kept: 'The server did what it was asked.',
    mend: 'Use the tidemark of the same version as the server.',
  })
}
