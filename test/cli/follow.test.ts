import { describe, expect, it } from 'vitest'
import { type FollowDeps, follow, POLL } from '../../cli/follow.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import * as data from './data.ts'

const going = data.run({ status: 'running', finished_at: null })
const ended = data.run()

/** A clock that moves when someone waits, and answers in turn; an error is thrown. */
function world(answers: readonly (Run | Error)[], over: Partial<FollowDeps> = {}) {
  const waits: number[] = []
  const moved: Run['status'][][] = []
  let reads = 0
  const deps: FollowDeps = {
    read: async () => {
      const answer = answers[Math.min(reads++, answers.length - 1)] ?? ended
      if (answer instanceof Error) throw answer
      return answer
    },
    wait: async (ms) => void waits.push(ms),
    moved: (runs) => moved.push(runs.map(({ status }) => status)),
    ...over,
  }
  return { deps, waits, moved, reads: () => reads }
}

describe('following runs', () => {
  it('asks no more often than every 5 s', async () => {
    const { deps, waits, moved } = world([going, going, ended])
    expect(await follow(['01RUN2'], deps)).toEqual([ended])
    expect(waits).toEqual([5_000, 5_000])
    expect(moved).toEqual([['running'], ['running'], ['done']])
  })

  it('goes on when a question fails: the run does too', async () => {
    const { deps, waits } = world([going, new Error('cut'), new Error('cut'), ended])
    expect(await follow(['01RUN2'], deps)).toEqual([ended])
    expect(waits).toHaveLength(3)
  })

  it('gives up after six failures in a row, and at once where nothing was ever heard', async () => {
    const broken = world([going, new Error('gone')])
    await expect(follow(['01RUN2'], broken.deps)).rejects.toThrow('gone')
    expect(broken.reads()).toBe(7)
    const unknown = world([new Error('no such run')])
    await expect(follow(['01RUN2'], unknown.deps)).rejects.toThrow('no such run')
    expect(unknown.reads()).toBe(1)
  })

  it('asks seldom while the socket is open, and closes it at the end', async () => {
    let isClosed = false
    const socket = {
      isOpen: () => true,
      close: () => {
        isClosed = true
      },
    }
    const { deps, waits } = world([going, ended], { listen: () => socket })
    await follow(['01RUN2'], deps)
    expect(waits).toEqual([POLL.live])
    expect(isClosed).toBe(true)
  })

  it('ends when the socket tells the last end, whatever an older answer says after it', async () => {
    const listen: FollowDeps['listen'] = (_lane, hear) => {
      queueMicrotask(() => {
        hear(ended)
        hear(going)
      })
      return { isOpen: () => true, close: () => undefined }
    }
    const { deps, moved } = world([going], { listen, wait: () => new Promise(() => undefined) })
    expect(await follow(['01RUN2'], deps)).toEqual([ended])
    expect(moved).toEqual([['running'], ['done']])
  })

  it('waits for all of several, in the order asked for, and asks only for those that go on', async () => {
    const asked: string[] = []
    let n = 0
    const { deps } = world([], {
      read: async (id) => {
        asked.push(id)
        return data.run({ id, ...(id === 'a' && n++ === 0 ? { finished_at: null, status: 'running' } : {}) })
      },
    })
    expect((await follow(['a', 'b'], deps)).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(asked).toEqual(['a', 'b', 'a'])
  })
})
