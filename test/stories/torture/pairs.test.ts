import { expect, test } from 'vitest'
import { testRandom } from '../../engine/world.ts'
import type { Act } from './act.ts'
import { acts } from './acts.ts'
import { type ReferenceTable, TABS } from './book.ts'
import { alike, keptHere } from './check.ts'
import { type TortureWorld, tortureWorld } from './torture-world.ts'

// Two acts of people in one tab, around a run and in the middle of it: too many to say of each pair what becomes of it. Whatever it
// is, nothing is lost, it comes to an end, and once the old version is put back both sides say the same again.

const PAIRS = 40
const MOMENTS = ['before a run', 'reading', 'writing', 'after a run'] as const
const TABLES = Object.keys(TABS) as ReferenceTable[]
const inATab = acts.filter(
  (one): one is Act => 'act' in one && !/workbook|quota|access|the tab$/.test(one.people),
)

test.each(['sheet', 'database', 'newest', 'manual'] as const)('pairs of acts, policy %s', async (policy) => {
  const random = testRandom(policy.length)
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  for (let n = 0; n < PAIRS; n++) {
    const first = oneOf(inATab)
    const second = oneOf(inATab.filter(({ table }) => table === first.table))
    const steps = [first, second].map(({ act }) => ({ act, at: oneOf(MOMENTS) }))
    const said = [first, second].map(({ people }, i) => `${steps[i]?.at}: ${people}`).join('; ')
    const w = tortureWorld({ policy })
    await w.settle()
    const version = w.file()
    await around(w, first.table, steps, random() < 0.5)
    w.putBack(version)
    await answered(w)
    expect(w.conflicts(), said).toEqual([])
    expect(
      TABLES.map((table) => w.part(table)?.reason),
      said,
    ).toEqual([undefined, undefined, undefined])
    const tabs = Object.fromEntries(TABLES.map((table) => [table, w.sheet(TABS[table])?.sheetId ?? -1]))
    alike(w, { ...first, apart: [], stops: null, headers: {} }, { tabs })
  }
})

interface Step {
  readonly act: Act['act']
  readonly at: (typeof MOMENTS)[number]
}

/** One run, with what a program changes, and the acts at their moments; what a run gave no moment for is done after it. */
async function around(
  w: TortureWorld,
  table: ReferenceTable,
  steps: readonly Step[],
  comings: boolean,
): Promise<void> {
  const left = new Set(steps)
  const acting = async (...moments: Step['at'][]) => {
    for (const step of left)
      if (moments.includes(step.at) && left.delete(step))
        // One act may take away what the other one is done to.
        await Promise.resolve(w)
          .then(step.act)
          .catch(() => {})
  }
  await acting('before a run')
  await w.program(table, comings)
  const rows = TABLES.map((one) => [one, w.here(one)] as const)
  w.inside('reading', async () => {
    await acting('reading')
    w.inside('writing', () => acting('writing'))
  })
  await w.sync()
  await acting(...MOMENTS)
  await w.settle()
  for (const [one, all] of rows) keptHere(w, one, all)
}

/** Runs, and an admin answers what is asked: what stands here holds, but where it can't stand beside what the tab shows. */
async function answered(w: TortureWorld): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await w.settle()
    for (const { id, detail } of w.conflicts())
      if (w.conflicts().some((one) => one.id === id))
        await w.answer(String(detail).startsWith('With what') ? 'keep_local' : 'keep_remote', String(id))
  }
}
