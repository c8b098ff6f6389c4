import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workbook } from '../engine/two-way-world.ts'
import { freshWorlds } from './fresh.ts'
import { googleScene, onlyMoves } from './sheet-google.ts'
import { memoryPaper, memoryRemote } from './sheet-paper.ts'
import { SHAPES, type Shape } from './sheet-shapes.ts'
import { type Story, stories } from './sheet-story.ts'
import { play } from './sheet-world.ts'

// Two people, a bot and an admin over a tab of a workbook, in generated worlds: everybody acts between runs and in the middle of
// them, 30 % of calls fail, and the lane's instance is replaced.

/** Others find others: a failure says its seed and path. Stories are told in full, so that nothing has to be made smaller first. */
const SEED = 6

async function inMemory(story: Story) {
  const shape = SHAPES[story.shape] as Shape
  const world = fresh()
  world.file
    .prepare(`INSERT INTO config VALUES ('sheets.reference', ?, 0, 'ann')`)
    .run(JSON.stringify({ spreadsheet_id: 'book-1', policy: story.policy }))
  const book = workbook()
  const paper = memoryPaper(book, shape.table, shape.columns, world.clock.now)
  const played = await play(story, shape, {
    world,
    remote: memoryRemote(book, world.clock.now),
    paper,
    sent: () => book.sent.length,
  })
  return played
}

const fresh = freshWorlds()

test('sheet and database show the same in the end, nothing that was said is lost, and nothing stands in a wrong row', async () => {
  let runs = 0
  let during = 0
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const played = await inMemory(story)
      runs += played.runs
      during += played.during
      expect(played.problems, played.log.join('\n')).toEqual([])
    }),
    { numRuns: 1_000, seed: SEED, endOnFailure: true },
  )
  // They are no idle worlds.
  expect(runs).toBeGreaterThan(6_000)
  expect(during).toBeGreaterThan(2_000)
}, 300_000)

async function atGoogle(story: Story, everywhere = false) {
  const shape = SHAPES[story.shape] as Shape
  const world = fresh()
  world.file
    .prepare(`INSERT INTO config VALUES ('sheets.reference', ?, 0, 'ann')`)
    .run(JSON.stringify({ spreadsheet_id: 'book-1', policy: story.policy }))
  const { paper, remote, written, inWindow, formulas } = googleScene(world, shape)
  const played = await play(story, shape, {
    world,
    paper,
    remote,
    sent: written,
    inWindow,
    ...(everywhere && { under: true as const }),
    spared: (act) => !everywhere && inWindow() && !onlyMoves(act),
  })
  const remarks = paper.rows().filter(({ remark }) => remark !== null).length
  if (formulas() !== remarks) played.problems.push(`${formulas()} of ${remarks} formulas are left`)
  return played
}

test('so they do with the real remote at an emulated Google, where people act at every call', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const played = await atGoogle(story)
      expect(played.problems, played.log.join('\n')).toEqual([])
    }),
    { numRuns: 300, seed: SEED, endOnFailure: true },
  )
}, 300_000)

test('what a person types between our reading and our write may be written over, and then the journal tells what stood there', async () => {
  let overwritten = 0
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const played = await atGoogle(story, true)
      overwritten += played.overwritten
      expect(played.problems, played.log.join('\n')).toEqual([])
    }),
    { numRuns: 150, seed: SEED, endOnFailure: true },
  )
  expect(overwritten).toBeGreaterThan(0)
}, 300_000)
