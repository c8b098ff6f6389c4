import { DurableObject } from 'cloudflare:workers'
import { COLUMNS } from './device-rows.ts'

// The least that a Worker must do to keep a table on a device: no rules, no history, nobody asked who he is.

interface Env {
  readonly DB: D1Database
  readonly LIVE: DurableObjectNamespace<Live>
}

/** Tells every socket that there is news. */
export class Live extends DurableObject<Env> {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  tell(): void {
    for (const socket of this.ctx.getWebSockets()) socket.send('news')
  }
}

const SHOWN = COLUMNS.join(', ')
const SINCE = `SELECT json_group_array(json_array(${SHOWN})) AS rows, max(version) AS version FROM floor WHERE version > ?1`
const WRITE = `INSERT INTO floor (${SHOWN}, version)
  SELECT ${COLUMNS.map((_, i) => `j.value ->> ${i}`).join(', ')}, ?2 FROM json_each(?1) j WHERE true
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}, version = excluded.version`
const STATEMENT_ROWS = 500

export default {
  async fetch(request, { DB, LIVE }): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const live = LIVE.getByName('one')
    if (pathname === '/live') return live.fetch(request)
    if (request.method === 'POST') {
      const rows = JSON.parse(await bodyOf(request)) as unknown[]
      const version = Number(searchParams.get('version'))
      const parts: string[] = []
      for (let i = 0; i < rows.length; i += STATEMENT_ROWS)
        parts.push(JSON.stringify(rows.slice(i, i + STATEMENT_ROWS)))
      await DB.batch(parts.map((json) => DB.prepare(WRITE).bind(json, version)))
      if (searchParams.has('tell')) await live.tell()
      return Response.json({ last: rows.length })
    }
    const after = Number(searchParams.get('after'))
    const found = await DB.prepare(SINCE).bind(after).first<{ rows: string; version: number | null }>()
    const text = `{"version":${found?.version ?? after},"rows":${found?.rows ?? '[]'}}`
    return new Response(text, {
      headers: {
        'content-type': 'application/json',
        ...(text.length > 1_000 && { 'content-encoding': 'gzip' }),
      },
    })
  },
} satisfies ExportedHandler<Env>

async function bodyOf(request: Request): Promise<string> {
  if (request.headers.get('content-encoding') !== 'gzip') return request.text()
  return new Response(request.body?.pipeThrough(new DecompressionStream('gzip'))).text()
}
