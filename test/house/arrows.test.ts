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

const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)].map(
    ([, type, target = '']) => ({
      from,
      to: target.startsWith('.') ? relative('.', join(dirname(from), target)) : target,
      typeOnly: type !== undefined,
    }),
  ),
)
const layerOf = (path: string) => LAYERS.find((layer) => path.startsWith(`${layer}/`))
const shown = (all: readonly Import[]) => all.map(({ from, to }) => `${from} → ${to}`)

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
      /smart.?sync|sheet|google|youtube|account|follower|\berp\b/i.test(
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

test.each(systems.flatMap(({ links }) => links))('$name declares what its table has and merges', (link) => {
  const { columns, merge, key } = link.table
  for (const column of [...link.owns, ...link.match, ...link.writes]) expect(columns).toContain(column)
  for (const column of [...link.owns, ...link.match]) if (column !== key) expect(merge).toHaveProperty(column)
  for (const column of link.writes) expect(link.owns).toContain(column)
})
