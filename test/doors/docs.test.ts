import { beforeEach, describe, expect, it } from 'vitest'
import { ask, type Doors, openDoors } from './world.ts'

let doors: Doors
beforeEach(async () => {
  doors = await openDoors()
})

interface Operation {
  readonly summary?: string
  readonly responses: Record<string, { readonly content?: Record<string, object> }>
  readonly parameters?: { readonly name: string; readonly in: string }[]
}
interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}
const read = async () => (await ask(doors.env, 'GET', '/openapi.json')).json<Document>()
const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  )

describe('the OpenAPI document', () => {
  it('is one of all Workers', async () => {
    const document = await read()
    expect(document.openapi).toBe('3.1.0')
    for (const path of ['/api/session', '/api/admin/smart_sync', '/api/admin/readings'])
      expect(Object.keys(document.paths)).toContain(path)
    // One path may belong to two Workers.
    expect(Object.keys(document.paths['/api/projects/{id}'] ?? {}).sort()).toEqual(['get', 'put'])
  })

  it('says of each operation what it does, what it answers, and how it fails', async () => {
    for (const { name, operation } of operations(await read())) {
      expect(operation.summary, name).toBeTruthy()
      expect(Object.keys(operation.responses), name).toContain('default')
      expect(operation.responses.default?.content, name).toHaveProperty(['application/problem+json'])
      expect(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        name,
      ).toBe(true)
    }
  })

  it('names every parameter of its paths', async () => {
    for (const { name, path, operation } of operations(await read())) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each)
      const named = (operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name)
      expect(named.toSorted(), name).toEqual(inPath.toSorted())
    }
  })

  it('refers to nothing that it does not hold', async () => {
    const document = await read()
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(20)
    for (const [, name = ''] of references) expect(Object.keys(document.components.schemas)).toContain(name)
  })

  it('is asked of the inner Workers once, and after a failure again', async () => {
    const { PUSH_PULL: worker } = doors.env
    let asked = 0
    let broken = true
    const env = {
      ...doors.env,
      PUSH_PULL: {
        fetch: async (request: Request) => {
          asked++
          return broken ? new Response('no', { status: 500 }) : worker.fetch(request)
        },
      } as Fetcher,
    }
    const log = console.error
    console.error = () => undefined
    expect((await ask(env, 'GET', '/openapi.json')).status).toBe(500)
    console.error = log
    broken = false
    const first = await ask(env, 'GET', '/openapi.json')
    const tag = first.headers.get('etag') ?? ''
    expect((await ask(env, 'GET', '/openapi.json', { 'if-none-match': tag })).status).toBe(304)
    expect(asked).toBe(2)
  })
})

describe('the docs page', () => {
  it('loads nothing from elsewhere, and may not', async () => {
    const page = await ask(doors.env, 'GET', '/docs')
    expect(page.status).toBe(200)
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source)
    expect(sources).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toContain('http')
    const nonce = /nonce-([\w-]+)/.exec(policy)?.[1]
    expect(page.text).toContain(`<script nonce="${nonce}">`)
    expect((await ask(doors.env, 'GET', '/docs')).text).not.toContain(nonce)
  })
})
