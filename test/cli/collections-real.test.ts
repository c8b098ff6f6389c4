import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SyncConflict } from '../../sync/protocol/conflicts.ts'
import gateway from '../../workers/gateway/index.ts'
import { type Doors, look, openDoors } from '../doors/world.ts'
import { type Machine, machine } from './run-cli.ts'
import { serve, stop } from './serve.ts'

// Two laptops that were offline give one name to two people; an admin settles it. The real doors and lanes are behind the command.

let doors: Doors
let ended: () => Promise<void>
let office: Machine
let gate: Machine
let admin: Machine

const CREATE = 'CREATE TABLE admins (id TEXT PRIMARY KEY, username TEXT NOT NULL, name TEXT, email TEXT)'
const fileOf = ({ home }: Machine) => join(home, 'site.db')
const inFile = <T>(of: Machine, work: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(fileOf(of), { timeout: 5_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}
const write = (of: Machine, sql: string) => inFile(of, (db) => db.exec(sql))
const rowsIn = (of: Machine) =>
  inFile(of, (db) => db.prepare('SELECT id, username, name FROM admins ORDER BY id').all()).map((row) => ({
    ...row,
  }))
const onServer = () =>
  look(doors, 'SELECT id, username, name FROM admins WHERE deleted_at IS NULL ORDER BY id')
const open = async () => {
  const { out } = await admin.run(['conflicts', '--collection', 'admins', '--json'])
  return (JSON.parse(out) as SyncConflict[]).map(({ _id }) => _id)
}

beforeAll(async () => {
  doors = await openDoors()
  const { server, url } = await serve((request) => gateway.fetch(request, doors.env))
  ended = () => stop(server)
  admin = machine({ url, token: doors.secrets.admin })
  office = machine({ url, token: doors.secrets.annsDevice })
  gate = machine({ url, token: doors.secrets.bobsDevice })
  for (const laptop of [office, gate]) {
    write(laptop, CREATE)
    const attached = await laptop.run(['attach', 'site.db', '--table', 'admins', '--as', 'admins'])
    expect(attached).toMatchObject({ exit: 0, err: '' })
  }
})
afterAll(async () => {
  for (const each of [admin, office, gate]) each.remove()
  await ended()
})

describe('a name that two laptops gave', () => {
  it('is a conflict, whose row stays on its laptop only', async () => {
    write(office, `INSERT INTO admins VALUES ('a1', 'john_admin', 'John', NULL)`)
    expect((await office.run(['sync'])).exit).toBe(0)
    write(gate, `INSERT INTO admins VALUES ('a2', 'John_Admin ', 'Johanna', NULL)`)
    const { exit, out } = await gate.run(['sync'])
    expect([exit, out]).toEqual([1, expect.stringContaining('1 conflict open')])
    expect(onServer()).toEqual([{ id: 'a1', username: 'john_admin', name: 'John' }])
    expect(rowsIn(gate).map(({ id }) => id)).toEqual(['a1', 'a2'])
    expect((await gate.run(['status'])).exit).toBe(1)
    const status = await admin.run(['status'])
    expect([status.exit, status.out]).toEqual([1, expect.stringContaining('! 1 conflict needs a person')])
  })

  it('is shown with what can be done, and how', async () => {
    const [id = ''] = await open()
    const { exit, out } = await admin.run(['conflicts'])
    expect(exit).toBe(1)
    expect(out).toContain('Collection admins: 1 conflict\n')
    expect(out).toContain(`Conflict ${id}\n`)
    expect(out).toMatch(/row +a2, against a1\n/)
    expect(out).toMatch(
      new RegExp(`tidemark resolve ${id} --strategy rename_local --value '?John_Admin_[0-9a-z]{4}`),
    )
    // The laptop sees its own, and not whose the name is.
    const own = await gate.run(['conflicts'])
    expect(own.out).toContain('On the server')
    expect(own.out).not.toContain('against')
  })

  it('is planned, and not applied once the plan has become another one', async () => {
    const [id = ''] = await open()
    const words = ['resolve', id, '--strategy', 'rename_local', '--value', 'johanna', '--notes', 'asked her']
    const planned = await admin.run([...words, '--dry-run', '--out', 'plan.json'])
    expect(planned.exit).toBe(0)
    expect(planned.out).toContain('  insert  a2\n')
    expect(planned.out).toContain('    username  – → johanna\n')
    expect(onServer()).toHaveLength(1)

    write(gate, `UPDATE admins SET name = 'Johanna Ray' WHERE id = 'a2'`)
    await gate.run(['sync'])
    const moved = await admin.run(['apply', 'plan.json'])
    expect(moved.exit).toBe(1)
    expect(moved.out).toContain('The data has changed since this was planned. Nothing was changed.')
    expect(moved.out).toContain('+    name  – → Johanna Ray\n')
    expect(onServer()).toHaveLength(1)
    expect(await open()).toEqual([id])

    await admin.run([...words, '--out', 'plan.json'])
    const applied = await admin.run(['apply', 'plan.json'])
    expect(applied.exit).toBe(0)
    expect(applied.out).toContain(`settles ${id} by rename_local`)
    expect(onServer()).toContainEqual({ id: 'a2', username: 'johanna', name: 'Johanna Ray' })
    // Once more is the same as once.
    expect((await admin.run(['apply', 'plan.json'])).exit).toBe(0)
    expect(onServer()).toHaveLength(2)
  })

  it('reaches the laptops, and says why it is so', async () => {
    for (const laptop of [gate, office]) {
      expect((await laptop.run(['sync'])).exit).toBe(0)
      expect(rowsIn(laptop)).toEqual(onServer())
    }
    const { exit, out } = await admin.run(['why', 'admins', 'a2', 'username'])
    expect(exit).toBe(0)
    expect(out).toMatch(/username {2}johanna\n {2}from .* by admin .*rule rename_local/)
  })

  it('can be undone: the conflict is open again', async () => {
    const before = JSON.parse(
      (await admin.run(['conflicts', '--all', '--collection', 'admins', '--json'])).out,
    )
    const [{ _id: id }] = before as [SyncConflict]
    const undone = await admin.run(['undo', '--conflict', id])
    expect(undone.exit).toBeLessThan(2)
    expect(onServer()).toHaveLength(1)
    expect(await open()).toEqual([id])
    // Its row stays where it came from, and nowhere else.
    for (const laptop of [gate, office]) await laptop.run(['sync'])
    expect(rowsIn(office)).toEqual(onServer())
    expect(rowsIn(gate)).toContainEqual({ id: 'a2', username: 'johanna', name: 'Johanna Ray' })
    expect((await gate.run(['conflicts'])).out).toContain('undone')
    const auto = await admin.run(['auto-resolve', '--json'])
    expect(JSON.parse(auto.out)).toMatchObject({ resolved: 1, skipped: 0, failed: 0 })
    expect(await open()).toEqual([])
    for (const laptop of [gate, office]) await laptop.run(['sync'])
    expect(rowsIn(gate)).toEqual(onServer())
  })
})

describe('settings and logs', () => {
  it('are set, kept in a history, and refused where they mean nothing', async () => {
    expect((await admin.run(['config', 'set', 'batchSize=50'])).exit).toBe(0)
    expect((await admin.run(['config', 'get', 'batchSize'])).out).toBe('50\n')
    const refused = await admin.run(['config', 'set', 'collectionsToSync=admins,nothing'])
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('nothing')])
    expect((await admin.run(['config', '--history'])).out).toContain('batchSize=50')
    expect((await gate.run(['config', 'set', 'batchSize=1'])).err).toContain('✗ Not allowed')
  })

  it('tell the syncs of both laptops', async () => {
    const { exit, out } = await admin.run(['logs'])
    expect(exit).toBe(0)
    expect(out).toContain('completed')
    const alone = await admin.run(['sync', '--devices', '--collections', 'admins'])
    expect([alone.exit, alone.out]).toEqual([0, expect.stringContaining('No device is on line.')])
  })
})

describe('a backup', () => {
  const many = Array.from({ length: 2_500 }, (_, i) => `m${String(i).padStart(4, '0')}`)

  it('holds the file and the server’s tables as they stood', async () => {
    const values = many.map((id) => `('${id}', 'user ${id}', 'Ünïcode ${id}', NULL)`)
    write(office, `INSERT INTO admins VALUES ${values.join(', ')}`)
    expect((await office.run(['sync'])).exit).toBe(0)
    const { exit, out } = await office.run(['backup', '--to', 'kept'])
    expect(exit).toBe(0)
    expect(out).toContain('    admins as admins: 2,502 rows\n')
    expect(out).toMatch(/ admins: 2,502 rows {2}version \d+\n/)
    const server = new DatabaseSync(join(office.home, 'kept/server.db'))
    expect(
      server
        .prepare('SELECT id, username, name FROM admins ORDER BY id')
        .all()
        .map((row) => ({ ...row })),
    ).toEqual(onServer())
    server.close()
    const again = await office.run(['backup', '--to', 'kept'])
    expect([again.exit, again.err]).toEqual([2, expect.stringContaining('is there already')])
  })

  it('brings the server back to the row, by changes that reach the laptops, and that can be undone', async () => {
    const before = onServer()
    write(
      office,
      `UPDATE admins SET name = 'Overwritten' WHERE id < 'm1200'; DELETE FROM admins WHERE id > 'm2000';
       INSERT INTO admins VALUES ('zz', 'after all', NULL, NULL)`,
    )
    expect((await office.run(['sync'])).exit).toBe(0)
    expect(onServer()).toHaveLength(2_004)
    const folder = join(office.home, 'kept')

    const planned = await admin.run([
      'restore',
      folder,
      '--server',
      '--tables',
      'admins',
      '--out',
      'back.json',
    ])
    expect(planned.exit).toBe(0)
    expect(planned.out).toContain('Would change ')
    expect(onServer()).toHaveLength(2_004)
    const noYes = await admin.run(['restore', folder, '--server'])
    expect([noYes.exit, noYes.err]).toEqual([2, expect.stringContaining('✗ Nobody can be asked')])

    const applied = await admin.run(['apply', 'back.json'])
    expect(applied.exit).toBe(0)
    expect(onServer()).toEqual(before)
    expect((await gate.run(['sync'])).exit).toBe(0)
    expect(rowsIn(gate)).toEqual(before)
    const again = await admin.run(['restore', folder, '--server', '--yes'])
    expect([again.exit, again.out]).toEqual([0, 'The server held all of it as the backup does.\n'])
    const stale = await admin.run(['apply', 'back.json'])
    expect([stale.exit, stale.out]).toEqual([1, expect.stringContaining('Nothing was changed.')])
  })

  it('brings the file back, and keeps the present one beside it', async () => {
    write(office, `DELETE FROM admins`)
    const both = await office.run(['restore', 'kept', '--yes'])
    expect([both.exit, both.err]).toEqual([
      2,
      expect.stringContaining('To bring back the files of this machine alone, add --local. '),
    ])
    const { exit, out } = await office.run(['restore', 'kept', '--local', '--yes'])
    expect(exit).toBe(0)
    expect(out).toContain('site.db is back; the former one is ')
    expect(rowsIn(office)).toHaveLength(2_502)
    const former = new DatabaseSync(`${fileOf(office)}.before-restore`)
    expect(former.prepare('SELECT count(*) AS n FROM admins').get()?.n).toBe(0)
    former.close()
    const synced = await office.run(['sync'])
    expect(synced.exit).toBe(0)
    expect(rowsIn(office)).toEqual(onServer())
    expect(onServer()).toHaveLength(2_502)
  })

  it('gives everything to a server that lost all of it', async () => {
    const fresh = await openDoors()
    const { server, url } = await serve((request) => gateway.fetch(request, fresh.env))
    const env = { TIDEMARK_URL: url, TIDEMARK_TOKEN: fresh.secrets.admin }
    const { exit } = await admin.run(['restore', join(office.home, 'kept'), '--server', '--yes'], { env })
    expect(exit).toBe(0)
    expect(look(fresh, 'SELECT id, username, name FROM admins ORDER BY id')).toEqual(onServer())
    await stop(server)
  })

  it('is of the files alone where the server is away, and of nothing where there is no file either', async () => {
    const env = { TIDEMARK_URL: 'http://127.0.0.1:9' }
    const { exit, out } = await office.run(['backup', '--to', 'alone'], { env })
    expect(exit).toBe(1)
    expect(out).toContain('The server is not in it:\n')
    expect(readdirSync(join(office.home, 'alone')).toSorted()).toEqual(['file-1-site.db', 'manifest.json'])
    const refused = await office.run(['restore', 'alone', '--server', '--yes'])
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('was made without the server')])
    expect((await admin.run(['backup', '--to', 'none'], { env })).exit).toBe(2)
    expect(existsSync(join(admin.home, 'none'))).toBe(false)
    const nothing = await admin.run(['restore', 'none', '--yes'])
    expect([nothing.exit, nothing.err]).toEqual([2, expect.stringContaining('✗ Not a backup')])
  })

  it('is not used where a byte of it is not what it was', async () => {
    const copy = join(office.home, 'kept/server.db')
    const db = new DatabaseSync(copy)
    db.exec(`UPDATE admins SET name = 'Somebody else' WHERE id = 'a1'`)
    db.close()
    const { exit, err } = await admin.run(['restore', join(office.home, 'kept'), '--server', '--yes'])
    expect(exit).toBe(2)
    expect(err).toContain('✗ The backup is damaged\n')
    expect(JSON.parse(readFileSync(join(office.home, 'kept/manifest.json'), 'utf8'))).toMatchObject({
      tidemark: 1,
    })
  })
})
