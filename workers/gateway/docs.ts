import type { Context } from 'hono'
import type { Gateway } from './env.ts'

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

/** The parts of OpenAPI documents that are put together. */
interface Document {
  readonly paths?: Record<string, object>
  readonly components?: Record<string, object>
  readonly [other: string]: unknown
}

/** One document of all Workers: the inner ones' paths beside our own. */
export async function wholeDocument(c: Context<Gateway>, own: Document): Promise<Document> {
  const url = new URL('/openapi.json', c.req.url)
  const inner = await Promise.all(
    [c.env.SMART_SYNC, c.env.PUSH_PULL].map(async (worker) =>
      (await worker.fetch(new Request(url))).json<Document>(),
    ),
  )
  const all = [own, ...inner]
  const paths: Record<string, object> = {}
  const components: Record<string, object> = {}
  for (const document of all) {
    for (const [path, operations] of Object.entries(document.paths ?? {}))
      paths[path] = { ...paths[path], ...operations }
    for (const [kind, named] of Object.entries(document.components ?? {}))
      components[kind] = { ...components[kind], ...named }
  }
  components.securitySchemes = {
    token: { type: 'http', scheme: 'bearer' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'tidemark' },
  }
  return { ...own, paths, components, security: [{ token: [] }, { cookie: [] }] }
}
