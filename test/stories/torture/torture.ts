import { describe, expect, test } from 'vitest'
import { type Act, MOMENTS, type Moment } from './act.ts'
import { TABS } from './book.ts'
import { alike, type Left, nothingLost } from './check.ts'
import { type TortureWorld, tortureWorld } from './torture-world.ts'

/** Every act at every moment, each in a world of its own. */
export function torture(acts: readonly Act[]): void {
  describe.each(acts.map((one) => [one.people, one] as const))('people %s', (_, one) => {
    const moments = one.moments ?? MOMENTS
    const cases = [false, true].flatMap((comings) =>
      moments.map((moment) => ({ moment, comings, name: comings ? `${moment}, rows come and go` : moment })),
    )
    test.each(cases)('$name', async ({ moment, comings }) => {
      const act: Act = { ...one, ...(comings && one.comings?.(moment)) }
      const w = tortureWorld(act.setting)
      await w.settle()
      const left = await doneAt(moment, w, act, comings)
      await w.settle()
      const part = w.part(act.table)
      if (act.stops) {
        expect(part).toMatchObject({
          status: expect.stringMatching(/failed|degraded/),
          reason: expect.stringMatching(act.stops),
        })
        expect(told(w, act, left)).toEqual(left.rows[act.table])
      } else expect(part?.reason).toBeUndefined()
      expect(w.conflicts().map(({ kind }) => kind)).toEqual(act.asks ?? [])
      const warned = new Set(w.runs.slice(left.runs).flatMap(({ parts }) => kindsOf(parts, act)))
      for (const kind of act.warns ?? []) expect([...warned]).toContain(kind)
      expect(w.here(act.table).length - left.rows[act.table].length).toBe(act.rows ?? 0)
      nothingLost(w, act, left)
      alike(w, act, left)
      await act.afterwards?.(w)
      await quiet(w)
    })
  })
}

const told = (w: TortureWorld, { table }: Act, left: Left) => {
  const keys = new Set(left.rows[table].map(({ id }) => id))
  return w.here(table).filter(({ id }) => keys.has(id))
}

const kindsOf = (parts: TortureWorld['runs'][number]['parts'], { table }: Act) =>
  parts.find(({ id }) => id === table)?.warnings.map(({ kind }) => kind) ?? []

async function doneAt(moment: Moment, w: TortureWorld, { act, table }: Act, comings: boolean): Promise<Left> {
  const runs = w.runs.length
  let file = w.file()
  const tabs = Object.fromEntries(
    Object.entries(TABS).map(([name, title]) => [name, w.sheet(title)?.sheetId ?? -1]),
  )
  const doIt = async () => {
    await act(w)
    file = w.file()
  }
  if (moment === 'before a run') await doIt()
  await w.program(table, comings)
  const rows: Left['rows'] = {
    employee_settings: w.here('employee_settings'),
    dynamic_rates: w.here('dynamic_rates'),
    ranks: w.here('ranks'),
  }
  if (moment === 'after its reading') w.inside('reading', doIt)
  if (moment === 'in the moment of its write') w.inside('writing', doIt)
  if (moment !== 'before a run') await w.sync()
  expect(w.done()).toBe(true)
  if (moment === 'after a run') await doIt()
  return { file, tabs, rows, runs, comings }
}

/** Another look, also a full one, moves nothing on either side. */
async function quiet(w: TortureWorld): Promise<void> {
  const before = [w.version(), w.file()]
  await w.sync()
  await w.sync(true)
  expect([w.version(), w.file()]).toEqual(before)
}
