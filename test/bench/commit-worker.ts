import { d1Database } from '../../db/d1.ts'
import type { Database, Row } from '../../db/database.ts'
import type { Change } from '../../sync/engine/changes.ts'
import { claim, commit, type Fence } from '../../sync/engine/commit.ts'
import { systems } from '../../sync/systems/index.ts'
import type { CommitBench, Measured } from './measured.ts'

const BATCH = 500
const ROWS = 5_000
const LANE = 'workspace:bench'
const accounts = systems.flatMap((system) => system.tables).find((table) => table.name === 'accounts')
if (!accounts) throw new Error('no table accounts')
const table = accounts

const row = (n: number, followers: number): Row => ({
  id: `account-${n}`,
  project_id: `project-${n % 20}`,
  platform: 'youtube',
  profile_url: `https://youtube.com/@some-channel-with-a-name-${n}`,
  profile_url_key: `https://youtube.com/@some-channel-with-a-name-${n}`,
  username: `Some channel with a name ${n}`,
  followers,
  likes: n,
  comments: n * 3,
  videos: 12,
  views: n * 1_000,
  version: 1,
  updated_at: 1,
  deleted_at: null,
  origin: 'bench',
})

/** The same rows and the same history rows as `commit` writes, by the plainest two json_each statements. */
async function raw(
  database: Database,
  rows: readonly Row[],
  version: number,
  guard: boolean,
): Promise<number> {
  const values = JSON.stringify(rows.map((r) => table.columns.map((column) => r[column] ?? null)))
  const history = JSON.stringify(
    rows.map((r, n) => [
      n,
      r.id,
      JSON.stringify({ followers: 0 }),
      JSON.stringify({ followers: r.followers }),
    ]),
  )
  const results = await database.batch([
    {
      sql: `INSERT INTO accounts (${table.columns.join(', ')})
        SELECT ${table.columns.map((_, i) => `j.value ->> ${i}`).join(', ')} FROM json_each(?1) j WHERE true
        ON CONFLICT (id) DO UPDATE SET followers = excluded.followers, version = excluded.version,
          updated_at = excluded.updated_at, origin = excluded.origin
        ${guard ? 'WHERE accounts.followers IS NOT excluded.followers' : ''}`,
      params: [values],
    },
    {
      sql: `INSERT INTO history (lane, version, n, tbl, key, op, before, after, why, origin, actor, run_id, at, prev_version)
        SELECT 'raw', ?2, j.value ->> 0, 'accounts', j.value ->> 1, 'update', j.value ->> 2, j.value ->> 3,
          '{"followers":["google-sheets Project!C2","max"]}', 'bench', 'bench', NULL, 1, 0 FROM json_each(?1) j`,
      params: [history, version],
    },
  ])
  return results.reduce((sum, result) => sum + result.rowsWritten, 0)
}

const changes = (before: readonly Row[], after: readonly Row[]): Change[] =>
  after.map((next, i) => ({
    table,
    key: String(next.id),
    op: 'update',
    before: before[i] ?? null,
    after: next,
    columns: ['followers'],
    why: { followers: [`google-sheets Project!C${i + 2}`, 'max'] },
  }))

async function measure(total: number, work: (from: number) => Promise<number>): Promise<Measured> {
  let written = 0
  const start = performance.now()
  for (let from = 0; from < total; from += BATCH) written += await work(from)
  const seconds = (performance.now() - start) / 1_000
  return { rowsPerSecond: Math.round(total / seconds), rowsWrittenPerRow: written / total }
}

export default {
  async fetch(_request, { DB }): Promise<Response> {
    const database = d1Database(DB)
    let fence: Fence = await claim(database, LANE, 0)
    const all = (followers: number) => Array.from({ length: ROWS }, (_, n) => row(n, followers))
    let current = all(0)
    for (let from = 0; from < ROWS; from += BATCH)
      await raw(database, current.slice(from, from + BATCH), from, true)

    const write = async (next: Row[], from: number) => {
      const answer = await commit(database, {
        id: crypto.randomUUID(),
        fence,
        set: {
          changes: changes(current.slice(from, from + BATCH), next.slice(from, from + BATCH)),
          pins: [],
          conflicts: [],
        },
        link: 'bench',
        scope: 'bench',
        origin: 'bench',
        actor: 'bench',
        runId: 'run',
        at: 1,
        extra: [],
      })
      if (answer.type !== 'committed') throw new Error(answer.type)
      fence = { ...fence, version: answer.version }
      return answer.rowsWritten
    }

    const bench: { raw: Measured[]; commit: Measured[] } = { raw: [], commit: [] }
    for (let round = 1; round <= 7; round++) {
      const rawRows = all(round * 2)
      bench.raw.push(
        await measure(ROWS, (from) =>
          raw(database, rawRows.slice(from, from + BATCH), round * ROWS + from, true),
        ),
      )
      current = rawRows
      const next = all(round * 2 + 1)
      bench.commit.push(await measure(ROWS, (from) => write(next, from)))
      current = next
    }
    return Response.json(bench satisfies CommitBench)
  },
} satisfies ExportedHandler<{ DB: D1Database }>
