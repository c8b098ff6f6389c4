import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshWorlds } from './fresh.ts'
import { administered } from './mixed-admin.ts'
import { MIXED, type MixedShape } from './mixed-shapes.ts'
import { type MixedStory, mixedStories } from './mixed-story.ts'
import { came, playMixed } from './mixed-world.ts'
import { googleScene, onlyMoves } from './sheet-google.ts'

// One table that is edited from three sides at once: two devices, people at its tab in a sheet, and an admin who answers, undoes and
// pins. Some 30 % of Google's calls fail, requests are lost and repeated, and the lane dies between batches.

const RUNS = 100

const fresh = freshWorlds()

async function played(story: MixedStory) {
  const shape = MIXED[story.shape] as MixedShape
  const world = fresh()
  const [key, setting] = shape.setting(story.policy)
  const configured = world.file.prepare(`INSERT INTO config VALUES (?, ?, 0, 'ann')`)
  configured.run(`sheets.${shape.link}`, JSON.stringify({ spreadsheet_id: 'book-1', policy: story.policy }))
  configured.run(key, JSON.stringify(setting))
  const { paper, remote, written, inWindow } = googleScene(world, shape)
  return playMixed(story, shape, {
    world,
    paper,
    remote,
    sent: written,
    inWindow,
    spared: (act) => inWindow() && !onlyMoves(act),
  })
}

test('database, sheet and devices say the same in the end, and nothing that anybody said is lost', async () => {
  await fc.assert(
    fc.asyncProperty(mixedStories, async (story) => {
      const { problems, log } = await played(story)
      expect(problems, log.join('\n')).toEqual([])
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
  // They are no idle worlds.
  const counts = Object.entries({ ...came, ...administered })
  expect(counts.filter(([, count]) => count < RUNS / 10)).toEqual([])
}, 300_000)
