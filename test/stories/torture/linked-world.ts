import type { Row } from '../../../db/database.ts'
import type { PartReport } from '../../../sync/protocol/runs.ts'
import type { Sheet, SpreadsheetFile } from '../../emulators/google/model.ts'
import { emulatedGoogle, remoteOf } from '../../engine/google-world.ts'
import { drain, durable, instance, rows, syncRequest, testIds } from '../../engine/world.ts'

export const BOOK = 'book'
export const ROBOT = 'robot@tidemark.test'
/** Runs until nothing moves: a row that vanished is believed at the second look, a failed write is tried again. */
const MOST_RUNS = 8

export type LinkedWorld = ReturnType<typeof linkedWorld>

/** What one run came to. */
export interface Ran {
  readonly status: string
  readonly parts: readonly PartReport[]
}

/** Tabs of a workbook, and the tables that they are linked to. */
export interface Linked {
  /** `reference`: the link `reference.sheet`, set under `sheets.reference` */
  readonly name: string
  readonly lane: string
  readonly locale?: string
  readonly sheets: readonly { readonly title: string; readonly rows: (string | number | null)[][] }[]
  /** What an operator set beside the workbook */
  readonly setting?: Readonly<Record<string, unknown>>
}

/** Tables linked both ways to a workbook at the emulated Google, by the real engine and the real remote. */
export function linkedWorld({ name, lane: laneName, locale = 'en_US', sheets, setting }: Linked) {
  const world = durable()
  const google = emulatedGoogle(world.clock)
  const { person } = google
  /** What people do in the middle of a run, and before which call */
  let meanwhile: { readonly reads: number; readonly act: () => void | Promise<void> } | null = null
  let reads = 0
  const watched = {
    ...google,
    async fetch(request: Request): Promise<Response> {
      const { pathname } = new URL(request.url)
      if (pathname.endsWith('getByDataFilter')) reads++
      if (meanwhile && (pathname.endsWith(':batchUpdate') || reads > meanwhile.reads)) {
        const { act } = meanwhile
        meanwhile = null
        await act()
      }
      return google.fetch(request)
    },
  } as typeof google
  person.create({ id: BOOK, title: 'Reference', owner: 'ann@example.com', locale, sheets })
  person.share(BOOK, { email: ROBOT })

  const configure = (more: Readonly<Record<string, unknown>>) =>
    world.file
      .prepare(`INSERT OR REPLACE INTO config VALUES (?, ?, 0, 'ann')`)
      .run(`sheets.${name}`, JSON.stringify({ spreadsheet_id: BOOK, ...setting, ...more }))
  configure({})
  const remote = remoteOf(watched, world.clock)
  const { lane } = instance(world, laneName, () => remote, undefined, testIds('k'))
  const runs: Ran[] = []
  let pushes = 0

  async function sync(full = false): Promise<Ran> {
    world.clock.advance(300_000)
    reads = 0
    const answer = await lane.request(syncRequest({ link: `${name}.sheet`, scope: 'shared', full }))
    if (answer.type === 'skipped') throw new Error(answer.reason)
    await drain(world, lane)
    const [run] = rows(world, 'SELECT status, report FROM runs WHERE id = ?', answer.runId)
    const { parts } = JSON.parse(String(run?.report)) as { parts: PartReport[] }
    const ran = { status: String(run?.status), parts }
    runs.push(ran)
    return ran
  }

  const version = () =>
    Number(rows(world, 'SELECT version FROM lanes WHERE lane = ?', laneName)[0]?.version ?? 0)

  /** Runs until a run moves nothing on either side. */
  async function settle(): Promise<void> {
    for (let run = 0, still = 0; run < MOST_RUNS; run++) {
      const before = [version(), person.file(BOOK).version].join()
      const { parts } = await sync()
      still = [version(), person.file(BOOK).version].join() === before ? still + 1 : 0
      // A tab that waits for somebody is looked at by each run.
      if (still > 1 || (still === 1 && parts.every(({ status }) => status !== 'done'))) return
    }
    throw new Error(`still not quiet after ${MOST_RUNS} runs`)
  }

  const all = (table: string) => rows(world, `SELECT * FROM ${table} ORDER BY id`)

  /** A program changes, adds or deletes a row here. */
  async function edit(
    table: string,
    key: string,
    values: Row,
    op: 'update' | 'insert' | 'delete' = 'update',
  ): Promise<void> {
    const base = all(table).find(({ id }) => id === key) ?? {}
    world.clock.advance(1_000)
    const answer = await lane.push({
      id: `push ${++pushes}`,
      actor: 'bot',
      origin: 'api',
      mutations: [{ type: 'edit', op, table, key, values, base, at: null }],
    })
    if (answer.type === 'failed') throw new Error(answer.failure.detail)
    const [result] = answer.results
    if (result?.status !== 'applied') throw new Error(`${result?.status}: ${result?.reason}`)
  }

  return {
    google,
    person,
    runs,
    configure,
    sync,
    settle,
    version,
    edit,
    all,
    here: (table: string) => all(table).filter(({ deleted_at }) => deleted_at === null),
    /** Does it in the middle of the next run: before its second reading, or before its write. */
    inside(moment: 'reading' | 'writing', act: () => void | Promise<void>) {
      meanwhile = { reads: moment === 'reading' ? 1 : Number.POSITIVE_INFINITY, act }
    },
    /** Whether what was to be done in the middle of a run was done. */
    done: () => meanwhile === null,
    file: (): SpreadsheetFile => person.file(BOOK),
    sheet: (title: string): Sheet | undefined => person.file(BOOK).sheets.find((one) => one.title === title),
    conflicts: () => rows(world, 'SELECT * FROM conflicts WHERE resolved_at IS NULL ORDER BY opened_at, id'),
    part: (table: string) => runs.at(-1)?.parts.find(({ id }) => id === table),
    history: () => rows(world, 'SELECT * FROM history ORDER BY version, n'),
    journal: () => rows(world, 'SELECT * FROM link_writes ORDER BY at, n'),
    /** An admin answers a question; without its id the one that is open. */
    async answer(strategy: 'keep_local' | 'keep_remote', id?: string) {
      const [open] = id ? [{ id }] : rows(world, 'SELECT id FROM conflicts WHERE resolved_at IS NULL')
      world.clock.advance(1_000)
      const answer = await lane.change({
        actor: 'ann',
        origin: 'api',
        dryRun: false,
        proposal: { type: 'resolve', conflict: String(open?.id), strategy, notes: '' },
      })
      if (answer.type === 'failed') throw new Error(JSON.stringify(answer))
    },
  }
}
