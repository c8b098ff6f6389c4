import type { DeviceMutation, MutationResult } from '../../sync/protocol/device.ts'
import { refusal } from '../failure.ts'
import type { Values } from './edit.ts'
import type { Page, PushReply, Remote } from './remote.ts'
import type { Wire } from './values.ts'

/** What was said and shown while a lane was synced without changing anything. */
export interface Recorded {
  version: number | null
  readonly mutations: DeviceMutation[]
  readonly results: MutationResult[]
  /** Table and key -> the row as it was shown, or null for a deletion; as JSON */
  readonly shown: Map<string, string>
}

interface Body {
  readonly incarnation: string
  readonly first?: number
  readonly mutations: DeviceMutation[]
}

/**
 * The server, asked only what would become of edits. What it says is taken as if it had done it, by a copy of the file. The lane must
 * stand still meanwhile.
 */
export function dryRemote(remote: Remote, record: Recorded): Remote {
  const stands = (version: number | undefined) => {
    if (version === undefined) return
    if (record.version !== null && record.version !== version) throw restless()
    record.version = version
  }
  return {
    ...remote,
    report: async () => {},
    async pull(lane, cursor) {
      const page = await remote.pull(lane, cursor)
      note(record, page)
      return asIfDone(page, record)
    },
    async push(body) {
      const said = JSON.parse(body) as Body
      const reply = await remote.push(JSON.stringify({ ...said, dry_run: true }))
      if (reply.type !== 'answered') return reply
      const { version, ...answer } = reply.answer
      stands(version)
      note(record, answer)
      record.mutations.push(...said.mutations)
      const [from, count] = [said.first ?? 1, said.mutations.length]
      const at = record.mutations.length - count
      record.results.push(...(answer.results ?? []).map((one) => ({ ...one, n: one.n - from + at })))
      const last = count > 0 ? Math.max(answer.last, from + count - 1) : answer.last
      return { type: 'answered', answer: { ...asIfDone(answer, record), last } }
    },
  }
}

/** The server, told to do what was planned: anything else is refused, before it is sent and before it is written. */
export function expectingRemote(remote: Remote, planned: Recorded, version: number): Remote {
  const sent = new Set<string>()
  let hasSent = false
  const check = <T extends Page>(page: T): T => {
    for (const [id, row] of rowsIn(page))
      if (!sent.has(id) && planned.shown.get(id) !== row) throw moved('Something else came than was planned.')
    return page
  }
  return {
    ...remote,
    pull: async (lane, cursor) => check(await remote.pull(lane, cursor)),
    async push(body): Promise<PushReply> {
      const said = JSON.parse(body) as Body
      if (said.mutations.length > 0 && textOf(said.mutations) !== textOf(planned.mutations))
        throw moved('The file has been edited since.')
      for (const { table, key } of said.mutations) sent.add(idOf(table, key))
      for (const { n, key } of planned.results) {
        const mutation = planned.mutations[n]
        if (key !== undefined && mutation) sent.add(idOf(mutation.table, key))
      }
      // Our own commit raises the version: what follows is checked by what it shows.
      const reply = await remote.push(hasSent ? body : JSON.stringify({ ...said, expect: version }))
      hasSent = true
      if (reply.type === 'answered') check(reply.answer)
      return reply
    },
  }
}

/** The page with what was taken of our edits in it, as it would be shown after them. What is disputed stands as it does. */
function asIfDone<T extends Page>(page: T, { mutations, results }: Recorded): T {
  if (!page.tables) return page
  const said = new Map(results.map((result) => [result.n, result]))
  let { tables } = page
  for (const [n, { table, key: called, op, values = {} }] of mutations.entries()) {
    const { status = 'applied', key = called, set = {} } = said.get(n) ?? {}
    if (status !== 'applied' && status !== 'merged') continue
    const now: Values = { ...values, ...set }
    tables = tables.map((of) => {
      if (of.name !== table) return of
      const isIt = (row: readonly unknown[]) => row[0] === key
      if (op === 'delete') return { ...of, rows: of.rows.filter((row) => !isIt(row)) }
      const rows = of.rows.map((row) =>
        isIt(row) ? row.map((cell, i) => cellOf(now, of.columns[i] ?? '', cell)) : row,
      )
      return { ...of, rows, deleted: of.deleted.filter((gone) => gone !== key) }
    })
  }
  return { ...page, tables }
}

const cellOf = (now: Values, column: string, cell: Wire): Wire =>
  column in now ? (now[column] ?? null) : cell

/** When an edit was taken into the outbox is no part of what it says. */
const textOf = (mutations: readonly DeviceMutation[]): string =>
  JSON.stringify(mutations.map((mutation) => ({ ...mutation, at: undefined })))

const idOf = (table: string, key: string): string => JSON.stringify([table, key])

function note(record: Recorded, page: Page): void {
  for (const [id, row] of rowsIn(page)) record.shown.set(id, row)
}

const rowsIn = ({ tables = [] }: Page): [string, string][] =>
  tables.flatMap(({ name, rows, deleted }) => [
    ...rows.map((row): [string, string] => [idOf(name, String(row[0])), JSON.stringify(row)]),
    ...deleted.map((key): [string, string] => [idOf(name, key), 'null']),
  ])

export const moved = (detail: string) =>
  refusal('moved', {
    title: 'It is not as it was planned',
    detail,
    kept: 'What is in the file, and every edit that was not sent yet.',
    mend: 'Plan again: tidemark sync --dry-run --out FILE',
  })

const restless = () =>
  refusal('restless', {
    title: 'The table changes all the time',
    detail: 'It changed while it was looked at.',
    mend: 'Run the same command again.',
  })
