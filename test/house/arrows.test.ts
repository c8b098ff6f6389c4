import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { systems } from '../../sync/systems/index.ts'

// Imports point down this list only (DESIGN §2).
const LAYERS = ['sync/protocol', 'db', 'sync/engine', 'sync/remotes', 'sync/systems', 'workers', 'cli', 'web']
const TOP = new Set(['workers', 'cli', 'web'])

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const files = LAYERS.flatMap((layer) =>
  readdirSync(layer, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('dist'))
    .map((name) => join(layer, name)),
)

/** Imports and re-exports, for their side effects, and by `import(…)`: type or value. */
function importsOf(from: string, source: string): Import[] {
  const forms = [
    /^(?:import|export)\s+(?<type>type\s)?[^'"]*?from\s+['"](?<target>[^'"]+)['"]/gm,
    /^import\s+['"](?<target>[^'"]+)['"]/gm,
    /\b(?<type>typeof\s+)?import\(\s*['"](?<target>[^'"]+)['"]/g,
  ]
  return forms.flatMap((form) =>
    [...source.matchAll(form)].map(({ groups }) => {
      const target = groups?.target ?? ''
      const to = target.startsWith('.') ? relative('.', join(dirname(from), target)) : target
      return { from, to, typeOnly: groups?.type !== undefined }
    }),
  )
}

const imports = files.flatMap((path) => importsOf(path, readFileSync(path, 'utf8')))
const layerOf = (path: string) => LAYERS.find((layer) => path.startsWith(`${layer}/`))
const shown = (all: readonly Import[]) => all.map(({ from, to }) => `${from} → ${to}`)

test('every way to import is seen', () => {
  const source = [
    "import { a } from './a.ts'",
    "import type { b } from '../b.ts'",
    'import {',
    '  c,',
    "} from 'c'",
    "export * from './d.ts'",
    "import './e.css'",
    "const f = await import('./f.ts')",
    "type G = typeof import('./g.ts')",
    "const text = 'import nothing from here'",
  ]
  expect(importsOf('x/y/z.ts', source.join('\n')).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ['x/y/a.ts', false],
    ['x/b.ts', true],
    ['c', false],
    ['x/y/d.ts', false],
    ['x/y/e.css', false],
    ['x/y/f.ts', false],
    ['x/y/g.ts', true],
  ])
  expect(files.length).toBeGreaterThan(100)
  const importing = new Set(imports.map(({ from }) => from))
  for (const layer of LAYERS) expect([...importing].some((path) => layerOf(path) === layer)).toBe(true)
})

test('imports point down: workers, cli, web → systems → remotes → engine → db → protocol', () => {
  const up = imports.filter(({ from, to, typeOnly }) => {
    const [a, b] = [layerOf(from), layerOf(to)]
    if (!a || !b || a === b) return false
    // The wire's types of a Worker are what a typed client is made of.
    if (typeOnly && (a === 'cli' || a === 'web') && b === 'workers') return false
    return TOP.has(b) || LAYERS.indexOf(b) > LAYERS.indexOf(a)
  })
  expect(shown(up)).toEqual([])
})

test('Workers share only what lies in workers/shared', () => {
  const worker = (path: string) => path.split('/')[1]
  const across = imports.filter(
    ({ from, to }) =>
      layerOf(from) === 'workers' &&
      layerOf(to) === 'workers' &&
      worker(from) !== worker(to) &&
      worker(to) !== 'shared',
  )
  expect(shown(across)).toEqual([])
})

test('the wire imports the schema library only', () => {
  const other = imports.filter(
    ({ from, to }) => layerOf(from) === 'sync/protocol' && to !== 'zod' && layerOf(to) !== 'sync/protocol',
  )
  expect(shown(other)).toEqual([])
})

test('the engine names no system and no remote', () => {
  const named = files
    .filter((path) => layerOf(path) === 'sync/engine')
    .filter((path) =>
      /smart.?sync|sheet|google|youtube|account|follower|\berp\b|customer|product|\bprices?\b|\borders\b|create.?order/i.test(
        readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
      ),
    )
  expect(named).toEqual([])
})

test('Google is spoken to by the remotes alone, and never through the root of its package', () => {
  const google = imports.filter(({ to }) => to.startsWith('googleapis') || to === 'google-auth-library')
  expect(google.length).toBeGreaterThan(0)
  expect(google.filter(({ from }) => layerOf(from) !== 'sync/remotes')).toEqual([])
  expect(google.filter(({ to }) => to === 'googleapis')).toEqual([])
})

test('what runs in Workers imports nothing of Node', () => {
  const node = imports.filter(
    ({ from, to }) =>
      (to.startsWith('node:') || to.startsWith('db/node')) && !/^(cli|db\/node|web\/vite)/.test(from),
  )
  expect(shown(node)).toEqual([])
})

test.each(systems.flatMap(({ tables }) => tables))('$name merges only columns that it has', (table) => {
  for (const column of [table.key, ...Object.keys(table.merge)]) expect(table.columns).toContain(column)
  for (const column of ['version', 'updated_at', 'deleted_at', 'origin']) {
    expect(table.columns).toContain(column)
    expect(table.merge).not.toHaveProperty(column)
  }
})

test.each(systems.flatMap(({ links }) => links))('$name declares what its table has and merges', (link) => {
  const { columns, merge, key } = link.table
  for (const column of [...link.owns, ...link.match, ...link.writes]) expect(columns).toContain(column)
  for (const column of [...link.owns, ...link.match]) if (column !== key) expect(merge).toHaveProperty(column)
  for (const column of link.writes) expect(link.owns).toContain(column)
  // What a row is found by comes from the remote, or is completed from the part; a link may bring its keys.
  const part = { id: 'part', name: 'Part', timeZone: 'UTC', options: {} }
  const completed = link.complete?.({}, part) ?? {}
  for (const column of link.match)
    expect([...link.owns, ...Object.keys(completed), key], column).toContain(column)
})

test('links have names of their own, and lanes that tell their scopes apart', () => {
  const links = systems.flatMap((system) => system.links.map((link) => ({ system, link })))
  expect(new Set(links.map(({ link }) => link.name)).size).toBe(links.length)
  for (const { system, link } of links) {
    expect(link.name.startsWith(`${system.name}.`)).toBe(true)
    // Tables that are copied out are those of other systems.
    if (!link.exports) expect(system.tables).toContain(link.table)
    const shared = link.scopes.per === 'shared'
    expect(link.lane('a') === link.lane('b'), link.name).toBe(shared)
  }
})
