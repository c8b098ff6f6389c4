import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attach } from '../../cli/laptop/attach.ts'
import { type Sqlite, transaction } from '../../cli/laptop/file.ts'
import type { PushReply, Remote } from '../../cli/laptop/remote.ts'
import { storeSettings } from '../../cli/laptop/settings.ts'
import { syncFile } from '../../cli/laptop/sync.ts'
import type {
  DeviceMutation,
  DevicePushAnswer,
  DeviceSettings,
  DeviceTableView,
  PullAnswer,
} from '../../sync/protocol/device.ts'

// A laptop whose server says what a test tells it to say: for what the protocol allows, whoever is at the other end.

const COLUMNS = ['id', 'username', 'name', 'email'] as const

export const viewOf = (name: string): DeviceTableView => ({
  name,
  lane: name,
  key: 'id',
  label: name,
  columns: COLUMNS.map((column) => ({ name: column, type: 'text', write: column !== 'id' })),
})

export const ADMINS = 'CREATE TABLE admins (id TEXT PRIMARY KEY, username TEXT, name TEXT, email TEXT)'

export interface Said {
  readonly lane: string
  readonly first?: number
  readonly dry_run?: boolean
  readonly expect?: number
  readonly cursor?: string
  readonly incarnation: string
  readonly mutations: readonly DeviceMutation[]
}
type Answer = Partial<DevicePushAnswer>
type Cells = readonly (string | null)[]

/** A page's table: rows as (id, username, name, email), and keys that are gone. */
export const shown = (rows: readonly Cells[], deleted: readonly string[] = [], name = 'admins') => [
  { name, columns: [...COLUMNS], rows: rows.map((row) => [...row]), deleted: [...deleted] },
]

export function scripted(sql = ADMINS, tables: readonly string[] = ['admins']) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-script-'))
  const path = join(folder, 'site.db')
  const host = new DatabaseSync(path)
  host.exec(sql)
  const before = schemaOf(host)
  const answers: (Answer | ((said: Said) => Answer | PushReply))[] = []
  const pages: PullAnswer[] = []
  const said: Said[] = []
  let server: ((said: Said) => Answer | PushReply) | undefined
  const last = new Map<string, number>()
  let cursor = 0
  const remote: Remote = {
    tables: async () => tables.map(viewOf),
    offer: async () => ({ protocol: 1, tables: tables.map(viewOf) }),
    pull: async () => ({ cursor: `c${++cursor}`, fresh: true, ...pages.shift() }),
    digest: async () => ({ version: 1, columns: [...COLUMNS], buckets: [] }),
    rows: async () => ({ version: 1, columns: [...COLUMNS], rows: [] }),
    report: async () => {},
    async push(body) {
      const request = JSON.parse(body) as Said
      said.push(request)
      const known = `${request.incarnation} ${request.lane}`
      const settled = last.get(known) ?? 0
      const upTo = Math.max(settled, (request.first ?? 1) + request.mutations.length - 1)
      if (!request.dry_run) last.set(known, upTo)
      const next = server ?? answers.shift()
      const answer = typeof next === 'function' ? next(request) : (next ?? {})
      if ('type' in answer) return answer
      return {
        type: 'answered',
        answer: { last: request.dry_run ? settled : upTo, cursor: `c${++cursor}`, ...answer },
      }
    },
  }
  const deps = {
    remote,
    now: () => Date.parse('2026-11-21T12:00:00Z'),
    wait: async () => {},
    say: () => {},
    moved: () => {},
  }
  const inFile = <T>(work: (db: Sqlite) => T) => {
    const db = new DatabaseSync(path, { timeout: 50, enableForeignKeyConstraints: false })
    return transaction(db, deps, () => work(db)).finally(() => db.close())
  }
  return {
    path,
    host,
    deps,
    said,
    /** Answers of the next pushes, in turn; then they are simply taken */
    answers,
    /** What every push from now on is answered */
    serve(answer: typeof server) {
      server = answer
    },
    /** Pages of the next readings, in turn; then nothing is shown */
    pages,
    inFile,
    async attach(settings?: DeviceSettings) {
      await inFile((db) => {
        for (const name of tables)
          attach(db, { table: name, view: viewOf(name), url: 'https://tidemark.example' })
        storeSettings(db, settings)
      })
    },
    async sync(only?: readonly string[]) {
      const db = new DatabaseSync(path, { timeout: 50, enableForeignKeyConstraints: false })
      try {
        return await syncFile(db, deps, only)
      } finally {
        db.close()
      }
    },
    /** Mutations that pushes said since the last call */
    mutations: () => said.splice(0).flatMap(({ mutations }) => mutations),
    rows: (table = 'admins') =>
      host.prepare(`SELECT id, username, name FROM ${table} ORDER BY id`).all().map(Object.values),
    all: (query: string) =>
      host
        .prepare(query)
        .all()
        .map((row) => ({ ...row })),
    /** Whether the file's schema is as it was before it was attached */
    isAsBefore: () => JSON.stringify(schemaOf(host)) === JSON.stringify(before),
    remove() {
      host.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type Scripted = ReturnType<typeof scripted>

const schemaOf = (db: DatabaseSync) => db.prepare('SELECT * FROM sqlite_schema ORDER BY name').all()
