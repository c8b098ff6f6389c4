import type { Row } from '../../db/database.ts'
import type { List } from './declare.ts'
import type { Fetched, ListScratch } from './list-scratch.ts'
import { type IndexedRow, indexPage, isAsBefore, type PageIndex } from './page-index.ts'
import type { Deferred } from './plan.ts'
import type { Answer, Page, Part, RemoteRow } from './ports.ts'
import { remoteContext, type Step } from './run.ts'
import type { RunFrame } from './run-state.ts'

/** Number under which the rows that wait are fetched. */
export const WAITING = 0

/**
 * Sends for pages that are not on their way yet. No more are on their way or here and not merged than calls may be under
 * way at once: so many pages at most are read again after a crash, and a run that stood at the gate with further wishes
 * would let nobody of a lower priority in between its pages.
 */
export function sendFor(
  step: Step,
  frame: RunFrame,
  part: Part,
  list: ListScratch,
  pages: readonly number[],
): void {
  for (const page of pages) {
    if (list.ahead.size >= frame.ahead) return
    if (list.ahead.has(page)) continue
    list.ahead.set(
      page,
      onItsWay(() => readPage(step, frame, part, list, page)),
    )
  }
}

/** Makes the rows that wait a page of their own, with their details where they wait for them. */
export function sendForWaiting(
  step: Step,
  frame: RunFrame,
  part: Part,
  list: ListScratch,
  waiting: readonly Deferred[],
): void {
  if (list.ahead.has(WAITING)) return
  const page: Page = {
    part: part.id,
    rows: waiting.map(({ row }, position) => ({ position, values: row })),
    warnings: [],
    where: (position) => `${part.name}, waiting row ${position + 1}`,
    next: null,
  }
  list.ahead.set(
    WAITING,
    onItsWay(() => withDetails(step, frame, part, page, page.rows)),
  )
}

interface Read {
  readonly answer: Answer<Page>
  readonly failed: ReadonlyMap<number, string>
}

function onItsWay(read: () => Promise<Read>): Fetched {
  const fetched: Fetched = {
    answer: null,
    failed: new Map(),
    error: null,
    index: null,
    arrived: read().then(
      ({ answer, failed }) => {
        fetched.answer = answer
        fetched.failed = failed
      },
      (error) => {
        fetched.error = error ?? new Error('a read failed')
      },
    ),
  }
  return fetched
}

async function readPage(
  step: Step,
  frame: RunFrame,
  part: Part,
  list: ListScratch,
  page: number,
): Promise<Read> {
  const answer = await step.engine
    .remotes(step.link.remote)
    .read(remoteContext(step, frame, [part.id]), part, String(page))
  if (!answer.ok || answer.value.refused || !step.link.details) return { answer, failed: new Map() }
  const index = indexed(step, part, list, answer.value)
  const now = step.engine.clock.now()
  const asked = [...index.rows.values()].filter(
    (row) => step.run.full || !isAsBefore(row) || isYoung(row, frame.list, now),
  )
  return withDetails(
    step,
    frame,
    part,
    answer.value,
    asked.map(({ row }) => row),
  )
}

async function withDetails(
  step: Step,
  frame: RunFrame,
  part: Part,
  page: Page,
  rows: readonly RemoteRow[],
): Promise<Read> {
  const remote = step.engine.remotes(step.link.remote)
  if (!step.link.details || rows.length === 0) return { answer: { ok: true, value: page }, failed: new Map() }
  if (!remote.detail)
    throw new Error(`${step.link.remote} gives no details, but ${step.link.name} wants them`)
  const answer = await remote.detail(remoteContext(step, frame, [part.id]), part, rows)
  if (!answer.ok) return { answer, failed: new Map() }
  return { answer: { ok: true, value: { ...page, details: answer.value.rows } }, failed: answer.value.failed }
}

/** A page by match key, compared with what is known of the whole list: rows move from page to page. */
export const indexed = (step: Step, part: Part, list: ListScratch, page: Page): PageIndex =>
  indexPage(step.link, step.run.scope, part, page, (name) => list.where.get(name)?.entry)

/** The same index after further pages were merged: they may have shown its rows too. */
export const anew = (index: PageIndex, { where }: ListScratch): PageIndex => ({
  ...index,
  rows: new Map(
    [...index.rows].map(([match, row]) => [match, { ...row, entry: where.get(row.name)?.entry }]),
  ),
})

/** A row that may still change in ways that its list doesn't show. */
export function isYoung({ values }: IndexedRow, list: List | null, now: number): boolean {
  if (!list?.modified || list.overlap === undefined) return false
  const at = values[list.modified]
  return typeof at === 'number' && now - at < list.overlap
}

/** The index without the rows whose details could not be had; these wait. */
export function setAside(
  index: PageIndex,
  failed: ReadonlyMap<number, string>,
): { index: PageIndex; waiting: Deferred[] } {
  if (failed.size === 0) return { index, waiting: [] }
  const rows = new Map(index.rows)
  const unread = new Map(index.unread)
  const waiting: Deferred[] = []
  for (const [match, { row, name }] of index.rows) {
    const reason = failed.get(row.position)
    if (reason === undefined) continue
    rows.delete(match)
    unread.set(name, row.position)
    waiting.push({ name, kind: 'details', row: row.values as Row, reason })
  }
  return { index: { ...index, rows, unread }, waiting }
}
