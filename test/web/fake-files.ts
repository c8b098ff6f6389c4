import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** A file of the build; /review is its page, and any other path the console, as the gateway's assets do it. */
export async function serveFile(directory: string, path: string, response: ServerResponse): Promise<void> {
  const asked = normalize(path).replace(/^(\.\.[/\\])+/, '')
  const name = extname(asked) ? asked : asked === '/review' ? 'review.html' : 'index.html'
  const content = await readFile(join(directory, name)).catch(() => null)
  if (!content) {
    response.writeHead(404).end()
    return
  }
  const type = TYPES[extname(name)] ?? 'application/octet-stream'
  response.writeHead(200, { ...(await headersOf(directory, asked)), 'content-type': type })
  response.end(content)
}

/** What the build's own `_headers` says of a path: later rules add, and `! Name` takes away. */
async function headersOf(directory: string, path: string): Promise<Record<string, string>> {
  const rules = await readFile(join(directory, '_headers'), 'utf8')
  const headers: Record<string, string> = {}
  let isMeant = false
  for (const line of rules.split('\n')) {
    if (/^\//.test(line)) isMeant = line.endsWith('*') ? path.startsWith(line.slice(0, -1)) : path === line
    const removed = /^\s+! (\S+)/.exec(line)?.[1]
    const [, name, value] = /^\s+([\w-]+): (.*)/.exec(line) ?? []
    if (isMeant && removed) delete headers[removed]
    if (isMeant && name && value) headers[name] = headers[name] ? `${headers[name]}, ${value}` : value
  }
  return headers
}
