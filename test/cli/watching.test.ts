import { beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../../cli/failure.ts'
import type { Sight } from '../../cli/laptop/eyes.ts'
import { newReport } from '../../cli/laptop/sync.ts'
import { type WatchDeps, watchFiles } from '../../cli/laptop/watching.ts'

const REPORT = newReport()
const unreachable = () =>
  refusal('unreachable', { title: 'No answer', detail: 'nothing listens there.', mend: 'Wait.' })
const locked = () => refusal('locked', { title: 'In use', detail: 'It is locked.', mend: 'Wait.' })

/** A laptop whose clock a test moves: each wait takes its time at once, and `at` says what happens when. */
function laptop(minutes: number, at: Record<number, () => void>, looks = Number.POSITIVE_INFINITY) {
  let looked = 0
  const stop = new AbortController()
  const world = {
    now: 0,
    sight: 'quiet' as Sight,
    there: true,
    fails: null as (() => Error) | null,
    synced: [] as number[],
    told: [] as string[],
    opened: [] as number[],
    dead: false,
    hint: () => {},
    nudge: () => {},
    sleep: (ms: number) => {
      world.now += ms
    },
  }
  const happen = Object.entries(at).map(([when, what]) => ({ when: Number(when) * 1_000, what, done: false }))
  const deps: WatchDeps = {
    now: () => world.now,
    wait: async (ms, signal) => {
      await new Promise(setImmediate)
      if (signal.aborted) return
      if (ms < 1_000) return
      world.now += ms
      for (const each of happen)
        if (!each.done && world.now >= each.when) {
          each.done = true
          each.what()
        }
      if (world.now >= minutes * 60_000 || ++looked > looks) stop.abort()
    },
    sync: async () => {
      if (world.fails) throw world.fails()
      world.synced.push(Math.round(world.now / 1_000))
      return REPORT
    },
    eyes: (_file, nudge) => {
      world.nudge = nudge
      return {
        look: async () => {
          const sight = world.sight
          if (sight === 'changed') world.sight = 'quiet'
          return sight
        },
        lanes: ['listings'],
        close: () => {},
      }
    },
    listen: (_lane, hint) => {
      world.opened.push(Math.round(world.now / 1_000))
      world.hint = hint
      world.dead = false
      return { isOver: () => world.dead, close: () => {} }
    },
    isThere: async () => world.there,
    tell: ({ type }) => void (type === 'synced' || world.told.push(type)),
  }
  return { world, run: () => watchFiles(['products.db'], 5 * 60_000, stop.signal, deps) }
}

describe('watching', () => {
  let world: ReturnType<typeof laptop>['world']
  const watch = async (minutes: number, at: Record<number, () => void>, seconds?: number) => {
    const made = laptop(minutes, at, seconds)
    world = made.world
    await made.run()
    return world
  }
  beforeEach(() => {
    world = undefined as never
  })

  it('syncs at once, and then every five minutes', async () => {
    expect((await watch(16, {})).synced).toEqual([0, 300, 600, 900])
  })

  it('syncs within two seconds of a change', async () => {
    const { synced } = await watch(1, {
      20: () => {
        world.sight = 'changed'
      },
    })
    expect(synced).toEqual([0, expect.toSatisfy((at: number) => at <= 22)])
  })

  it('syncs when the server tells of news', async () => {
    expect((await watch(1, { 20: () => world.hint() })).synced).toEqual([0, 20])
  })

  it('looks for a server that is away every 30 seconds, and syncs when it is back', async () => {
    const { synced, told } = await watch(3, {
      10: () => {
        world.there = false
        world.fails = unreachable
        world.sight = 'changed'
      },
      70: () => {
        world.there = true
        world.fails = null
      },
    })
    expect([told, synced]).toEqual([
      ['offline', 'online'],
      [0, 90],
    ])
  })

  it('syncs and opens its sockets anew when the machine wakes up', async () => {
    const { told, synced, opened } = await watch(60, { 30: () => world.sleep(50 * 60_000) })
    expect(told).toEqual(['woke'])
    expect(synced.slice(0, 2)).toEqual([0, 3_030])
    expect(opened).toEqual([0, 3_030])
  })

  it('goes on where the clock is put back, also where the server was away', async () => {
    const { told, synced, opened } = await watch(
      1_300,
      {
        10: () => world.sleep(20 * 3_600_000),
        72030: () => {
          world.there = false
          world.fails = unreachable
          world.sight = 'changed'
        },
        72070: () => {
          world.sleep(-10 * 3_600_000)
          world.there = true
          world.fails = null
        },
      },
      500,
    )
    expect(told).toEqual(['woke', 'offline', 'online'])
    expect(synced.slice(0, 4)).toEqual([0, 72_010, 36_070, 36_370])
    expect(opened.slice(0, 3)).toEqual([0, 72_010, 36_070])
  })

  it('does not wait for a moment that the clock was put back from', async () => {
    const { synced } = await watch(
      1_300,
      {
        10: () => world.sleep(20 * 3_600_000),
        72030: () => {
          world.fails = locked
          world.sight = 'changed'
        },
        72035: () => {
          world.sleep(-10 * 3_600_000)
          world.fails = null
        },
      },
      100,
    )
    expect(synced.slice(0, 3)).toEqual([0, 72_010, 36_035])
  })

  it('opens a lost socket again, later each time', async () => {
    const { opened } = await watch(2, {
      1: () => {
        world.dead = true
      },
      5: () => {
        world.dead = true
      },
      20: () => {
        world.dead = true
      },
    })
    expect(opened.length).toBeGreaterThan(2)
  })

  it('tells of a locked file, and tries again after 30 seconds', async () => {
    const { told, synced } = await watch(2, {
      10: () => {
        world.fails = locked
        world.sight = 'changed'
      },
      20: () => {
        world.fails = null
      },
    })
    expect([told, synced]).toEqual([['failed'], [0, 40]])
  })

  it('waits for a file that was moved away, and goes on with what is put in its place', async () => {
    const { told, synced } = await watch(2, {
      10: () => {
        world.sight = 'away'
      },
      40: () => {
        world.sight = 'changed'
      },
    })
    expect([told, synced]).toEqual([
      ['away', 'back'],
      [0, 40],
    ])
  })

  it('ends when the file is detached', async () => {
    expect(
      (
        await watch(60, {
          10: () => {
            world.sight = 'detached'
          },
        })
      ).told,
    ).toEqual(['detached'])
    expect(world.now).toBeLessThan(60_000)
  })
})
