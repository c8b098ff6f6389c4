import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

// docs/linked-tables.md, followed to the letter in a copy of the project: its blocks are what is written and set.

const run = promisify(execFile)
const page = readFileSync('docs/linked-tables.md', 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'own-sheet-'))
  for (const name of ['db', 'sync', 'workers', 'migrations', 'test/doors', 'test/engine', 'test/emulators'])
    cpSync(name, join(home, name), { recursive: true })
  for (const name of ['package.json', 'tsconfig.base.json', 'tsconfig.json']) cpSync(name, join(home, name))
  symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** What the copy answers to the page's request, and what its tab shows after a sync of one row. */
async function ask(key: string, body: string): Promise<{ status: number; tab: unknown[][] }> {
  const script = `
    import { openDoors } from './test/doors/world.ts'
    import { googleWorld } from './test/engine/google-world.ts'
    import { drain, durable, instance } from './test/engine/world.ts'
    const doors = await openDoors()
    const { status, json } = await doors.call('admin', 'PUT', '/api/config/${key}', { body: ${body} })
    const world = durable()
    const { google, remote } = googleWorld(world.clock)
    const { spreadsheet_id: id } = json().value
    google.person.create({ id, sheets: [{ title: 'Inventory' }] })
    google.person.share(id, { email: 'robot@tidemark.test', role: 'writer' })
    world.file.prepare('INSERT INTO config VALUES (?, ?, 0, ?)').run('${key}', JSON.stringify(json().value), 'ann')
    const { lane } = instance(world, 'inventory_items', () => remote)
    const values = { name: 'Lamp oil', quantity: 12 }
    await lane.push({ id: '1', actor: 'ann', origin: 'api', mutations: [
      { type: 'edit', op: 'insert', table: 'inventory_items', key: 'oil', values, base: {}, at: null } ] })
    const link = '${key}'.replace('sheets.', '') + '.sheet'
    await lane.request({ link, scope: 'shared', parts: null, trigger: 'manual', full: false, actor: 'ann' })
    await drain(world, lane)
    console.log(JSON.stringify({ status, tab: google.person.values(id, 'Inventory') }))
  `
  writeFileSync(join(home, 'ask.ts'), script)
  const { stdout } = await run(process.execPath, ['ask.ts'], { cwd: home })
  return JSON.parse(stdout)
}

test('any table is linked by a line, as the page says', async () => {
  const [named = '', line = ''] = blocks('ts')
  const [set = ''] = blocks('sh')
  const [headers = ''] = blocks('json')
  const list = join(home, 'sync/systems/collections.ts')
  const before = readFileSync(list, 'utf8')
  const declared = named.trim().replace('const inventory = ', '')
  expect(before).toContain(`    ${declared},\n`)
  const after = before
    .replace(`    ${declared},\n`, '    inventory,\n')
    .replace('/**\n * What a site keeps', `${named}\n/**\n * What a site keeps`)
    .replace(/^ {2}links: \[/m, `  links: [\n${line}`)
  expect(after.split('inventory').length).toBeGreaterThan(4)
  writeFileSync(list, after)
  const config = { extends: './tsconfig.json', include: ['sync/systems'], compilerOptions: { noEmit: true } }
  writeFileSync(join(home, 'tsconfig.try.json'), JSON.stringify(config))
  await run('npx', ['tsc', '-p', 'tsconfig.try.json'], { cwd: home })

  const [, key = ''] = /\/api\/config\/(\S+)/.exec(set) ?? []
  const [, body = ''] = /-d '(.*)'/.exec(set.replace('1AbC…', '1AbC')) ?? []
  const { status, tab } = await ask(key, body)
  expect(status).toBe(200)
  const shown = JSON.parse(headers) as string[]
  expect(tab[0]?.slice(0, shown.length)).toEqual(shown)
  expect(tab[1]?.slice(0, 3)).toEqual(['Lamp oil', '', 12])
})
