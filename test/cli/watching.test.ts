import { beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../../cli/failure.ts'
import type { Sight } from '../../cli/laptop/eyes.ts'
import { type Outcome, reportOf } from '../../cli/laptop/report.ts'
import { SETTINGS } from '../../cli/laptop/settings.ts'
import { newReport } from '../../cli/laptop/sync.ts'
import { type WatchDeps, watchFiles } from '../../cli/laptop/watching.ts'

const unreachable = () =>
  refusal('unreachable', { title: 'No answer', detail: 'nothing listens there.', mend: 'Wait.' })
const locked = () => refusal('locked', { title: 'In use', detail: 'It is locked.', mend: 'Wait.' })

/** A laptop whose clock a test moves: each wait takes its time at once, and `at` says what happens when. */
function laptop(
  minutes: number,
  at: Record<number, () => void>,
  looks = Number.POSITIVE_INFINITY,
  every: number | null = 5 * 60_000,
) {
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
    answers: true,
    settings: { ...SETTINGS, maxRetries: 0 },
    report: newReport(),
    reported: [] as { at: number; nudge: string | undefined; status: string; counts: unknown }[],
    refreshed: [] as number[],
    hint: (_nudge?: string) => {},
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
      return world.report
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
    settings: async () => world.settings,
    refresh: async () => {
      world.refreshed.push(Math.round(world.now / 1_000))
      return world.answers
    },
    report: (outcomes: readonly Outcome[], nudge) => {
      const { status, localToRemote: counts } = reportOf(outcomes, { id: 'report-1', nudge })
      world.reported.push({ at: Math.round(world.now / 1_000), nudge, status, counts })
    },
    tell: ({ type }) => void (type === 'synced' || world.told.push(type)),
  }
  return { world, run: () => watchFiles(['products.db'], every, stop.signal, deps) }
}

type World = ReturnType<typeof laptop>['world']

describe('watching', () => {
  let world: World
  const watch = async (
    minutes: number,
    at: Record<number, () => void>,
    { looks, every, begin }: { looks?: number; every?: null; begin?: (world: World) => unknown } = {},
  ) => {
    const made = laptop(minutes, at, looks, every)
    world = made.world
    begin?.(world)
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
      { looks: 500 },
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
      { looks: 100 },
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

  describe('as an operator wants it', () => {
    const settings = (over: Partial<typeof SETTINGS>) => ({
      begin: (of: World) => {
        of.settings = { ...of.settings, ...over }
      },
      every: null,
    })

    it('syncs as often as was set, and every five minutes where nothing was', async () => {
      expect((await watch(25, {}, settings({ syncIntervalMinutes: 10 }))).synced).toEqual([0, 600, 1_200])
      expect((await watch(11, {}, settings({}))).synced).toEqual([0, 300, 600])
    })

    it('syncs only when it is asked to, where syncing by itself was switched off', async () => {
      const { synced } = await watch(
        20,
        {
          30: () => {
            world.sight = 'changed'
          },
          60: () => world.hint(),
          90: () => world.hint('n1'),
        },
        settings({ autoSyncEnabled: false }),
      )
      expect(synced).toEqual([90])
    })

    it('asks at the start, when it is nudged, and once an hour', async () => {
      expect((await watch(62, { 60: () => world.hint('n1') })).refreshed).toEqual([0, 60, 3_660])
    })

    it('asks again after a minute where nobody answered', async () => {
      const { refreshed } = await watch(3, {}, { begin: (of) => (of.answers = false) })
      expect(refreshed).toEqual([0, 60, 120])
    })

    it('tries a failed sync again with growing waits before it tells of the failure', async () => {
      let tries: number[] = []
      const { told, reported } = await watch(
        1,
        {},
        {
          begin: (of) => {
            of.settings = { ...of.settings, maxRetries: 3 }
            of.fails = () => {
              tries = [...tries, Math.round(of.now / 1_000)]
              return locked()
            }
          },
        },
      )
      expect(tries).toEqual([0, 1, 3, 7, 37])
      expect(told).toEqual(['failed', 'failed'])
      expect(reported.map(({ at, status }) => [at, status])).toEqual([
        [7, 'failed'],
        [37, 'failed'],
      ])
    })
  })

  describe('tells the server', () => {
    it('what a sync came to that somebody asked for, once, although each lane tells of it', async () => {
      const { reported, synced } = await watch(1, {
        10: () => {
          world.hint('n1')
          world.hint('n1')
        },
        20: () => world.hint('n1'),
      })
      expect(reported).toEqual([{ at: 10, nudge: 'n1', status: 'completed', counts: {} }])
      expect(synced).toEqual([0, 10])
    })

    it('of what moved, and nothing of a sync without news', async () => {
      const { reported } = await watch(6, {
        20: () => {
          world.report = { ...newReport(), tables: { admins: { went: 2, came: 0, conflicts: 1 } } }
          world.sight = 'changed'
        },
        25: () => {
          world.report = newReport()
        },
      })
      expect(reported).toMatchObject([{ nudge: undefined, status: 'completed', counts: { admins: 2 } }])
    })

    it('of a nudged sync when its tries have come to an end', async () => {
      const { reported } = await watch(
        1,
        {
          10: () => {
            world.fails = locked
            world.hint('n1')
          },
          12: () => {
            world.fails = null
          },
        },
        {
          begin: (of) => {
            of.settings = { ...of.settings, maxRetries: 3 }
          },
        },
      )
      expect(reported).toMatchObject([{ nudge: 'n1', status: 'completed', at: 13 }])
    })
  })
})
