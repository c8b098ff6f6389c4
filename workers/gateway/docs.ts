import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { etagged } from '../shared/etag.ts'
import type { Gateway } from './env.ts'
import { COOKIE } from './guard.ts'

/** Swagger UI on our own document, from our own files: it works with no other host. */
export function docsPage(): Response {
  const nonce = crypto.randomUUID()
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script nonce="${nonce}">SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true })</script>
</body>
</html>`
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'self'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:`,
    },
  })
}

/** What every part of the document says of itself. */
const DOCUMENT = { openapi: '3.1.0', info: { title: 'Tidemark', version: '1' } } as const

/** The parts of OpenAPI documents that are put together. */
interface Document {
  readonly paths?: object
  readonly components?: object
}

/** Documents of the inner Workers by their binding: they change with a deployment, and then so does this instance. */
const fetched = new WeakMap<Fetcher, Promise<Document>>()

/** Answers one document of all Workers: the inner ones' paths beside those of `base`. */
export const openApi =
  (base: OpenAPIHono<Gateway>) =>
  async (c: Context<Gateway>): Promise<Response> => {
    const url = new URL('/openapi.json', c.req.url)
    const inner = await Promise.all([c.env.SMART_SYNC, c.env.PUSH_PULL].map((worker) => cached(worker, url)))
    const all: Document[] = [base.getOpenAPI31Document(DOCUMENT), ...inner]
    const whole = {
      ...DOCUMENT,
      paths: joined(all.map(({ paths }) => paths)),
      components: {
        ...joined(all.map(({ components }) => components)),
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: COOKIE },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    }
    return etagged(c, c.json(whole))
  }

/** Objects of objects, put together two levels deep: methods by path, schemas by kind. */
function joined(parts: readonly (object | undefined)[]): Record<string, object> {
  const all: Record<string, object> = {}
  for (const part of parts)
    for (const [name, content] of Object.entries(part ?? {})) all[name] = { ...all[name], ...content }
  return all
}

function cached(worker: Fetcher, url: URL): Promise<Document> {
  const known = fetched.get(worker)
  if (known) return known
  const asked = worker.fetch(new Request(url)).then((answer) => {
    if (!answer.ok) throw new Error(`${url.pathname} of an inner Worker answers ${answer.status}`)
    return answer.json<Document>()
  })
  fetched.set(worker, asked)
  asked.catch(() => fetched.delete(worker))
  return asked
}
