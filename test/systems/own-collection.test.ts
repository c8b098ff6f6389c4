import { execFile } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectionDocument } from '../../sync/protocol/collections.ts'
import type { DevicePushAnswer, PullAnswer } from '../../sync/protocol/device.ts'

// docs/collections.md, followed to the letter in a copy of the project: its blocks are what is written and run.

const run = promisify(execFile)
const page = readFileSync('docs/collections.md', 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'own-collection-'))
  for (const name of ['db', 'sync', 'workers', 'migrations', 'test/doors', 'test/engine'])
    cpSync(name, join(home, name), { recursive: true })
  for (const name of ['package.json', 'drizzle.config.ts', 'tsconfig.base.json', 'tsconfig.json'])
    cpSync(name, join(home, name))
  symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Answers of the doors of the copy: a push of this body by one device, and what another one and a person then read. */
async function ask(
  body: string,
): Promise<{ push: DevicePushAnswer; pull: PullAnswer; read: CollectionDocument[] }> {
  const script = `
    import { openDoors } from './test/doors/world.ts'
    const doors = await openDoors()
    const push = await doors.call('annsDevice', 'POST', '/api/push', { body: ${body} })
    const pull = await doors.call('bobsDevice', 'GET', '/api/pull?lane=guest_rooms')
    const read = await doors.call('ann', 'GET', '/api/collections/guest_rooms')
    console.log(JSON.stringify({ push: push.json(), pull: pull.json(), read: read.json() }))
  `
  writeFileSync(join(home, 'ask.ts'), script)
  const { stdout } = await run(process.execPath, ['ask.ts'], { cwd: home })
  return JSON.parse(stdout)
}

test('a collection is a table, a line and two commands, as the page says', async () => {
  const [table = '', declaration = ''] = blocks('ts')
  const [migrate = '', deploy = ''] = blocks('sh')
  const [pushed = '', answered = ''] = blocks('json')
  expect([blocks('ts'), blocks('sh'), blocks('json')].map(({ length }) => length)).toEqual([2, 2, 2])

  // 1. and 2.
  appendFileSync(join(home, 'db/schema/collections.ts'), `\n${table}`)
  const list = join(home, 'sync/systems/collections.ts')
  const before = readFileSync(list, 'utf8')
  const after = before.replace(/^ {2}\],$/m, `${declaration}  ],`)
  expect(after).not.toBe(before)
  writeFileSync(list, after)
  const config = { extends: './tsconfig.json', include: ['sync/systems'], compilerOptions: { noEmit: true } }
  writeFileSync(join(home, 'tsconfig.try.json'), JSON.stringify(config))
  await run('npx', ['tsc', '-p', 'tsconfig.try.json'], { cwd: home })

  // 3.
  const migrations = () => readdirSync(join(home, 'migrations')).filter((name) => name.endsWith('.sql'))
  const known = migrations()
  await run('sh', ['-c', migrate], { cwd: home })
  const [made = '', ...more] = migrations().filter((name) => !known.includes(name))
  expect([made, more]).toEqual([expect.stringMatching(/^\d{4}_guest_rooms\.sql$/), []])
  const sql = readFileSync(join(home, 'migrations', made), 'utf8')
  expect(sql.match(/(CREATE|ALTER|DROP) \w+( INDEX)? `\w+`/g)).toEqual([
    'CREATE TABLE `guest_rooms`',
    'CREATE UNIQUE INDEX `guest_rooms_number`',
  ])
  expect(sql).toContain('WITHOUT ROWID')

  // 4. is the deployment that test/deploy has.
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(Object.keys(scripts)).toContain(deploy.trim().replace('npm run ', ''))

  const { push, pull, read } = await ask(pushed)
  expect(push).toMatchObject(JSON.parse(answered))
  expect(push.results).toHaveLength(2)
  const columns = ['id', 'number', 'beds', 'rent', 'state', 'cleaned_at']
  expect(pull.tables).toEqual([
    { name: 'guest_rooms', columns, rows: [['r1', 'A 1', 2, 120000, 'free', null]], deleted: [] },
  ])
  expect(read).toMatchObject([{ id: 'r1', number: 'A 1', origin: 'local', syncStatus: 'synced' }])
})
