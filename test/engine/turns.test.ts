import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTurns } from '../../sync/engine/turns.ts'

test('an idle lane begins at once, and says since when it works', async () => {
  let now = 7
  const turns = createTurns(() => now)
  expect(turns.since).toBeNull()
  let begun = false
  const done = turns.take('step', async () => {
    begun = true
    return 'answer'
  })
  expect([begun, turns.since]).toEqual([true, 7])
  const next = turns.take('push', async () => expect(turns.since).toBe(9))
  now = 9
  expect(await done).toBe('answer')
  await next
  expect(turns.since).toBeNull()
})

test('a push that comes during a step goes before every step that waits', async () => {
  const turns = createTurns(() => 0)
  const order: string[] = []
  let release: () => void = () => undefined
  const first = turns.take('step', async () => {
    await new Promise<void>((resolve) => {
      release = resolve
    })
    order.push('first step')
  })
  const second = turns.take('step', async () => void order.push('second step'))
  const pushes = ['a', 'b'].map((name) => turns.take('push', async () => void order.push(`push ${name}`)))
  release()
  await Promise.all([first, second, ...pushes])
  expect(order).toEqual(['first step', 'push a', 'push b', 'second step'])
})

test('an error frees the turn, and is told to the one who took it alone', async () => {
  const turns = createTurns(() => 0)
  const failing = turns.take('push', () => Promise.reject(new Error('broken')))
  const next = turns.take('step', async () => 'fine')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('fine')
  const thrown = turns.take('step', () => {
    throw new Error('before any await')
  })
  await expect(thrown).rejects.toThrow('before any await')
  expect(turns.since).toBeNull()
})

test('however takers come and end, one works at a time, each once, pushes before steps and in their order', async () => {
  const taker = fc.record({
    kind: fc.constantFrom('push' as const, 'step' as const),
    awaits: fc.nat(4),
    fails: fc.boolean(),
    after: fc.nat(3),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(taker, { maxLength: 20 }), async (takers) => {
      const turns = createTurns(() => 0)
      const waiting: { kind: string; i: number }[] = []
      const worked: number[] = []
      let working = 0
      const all: Promise<unknown>[] = []
      for (const [i, { kind, awaits, fails, after }] of takers.entries()) {
        for (let n = 0; n < after; n++) await Promise.resolve()
        waiting.push({ kind, i })
        const work = async () => {
          expect(++working).toBe(1)
          const first = waiting.find((other) => other.kind === 'push') ?? waiting[0]
          // Who finds the lane idle begins at once; among those that wait, the first push or else the first step.
          if (first?.i !== i) expect(waiting.some((other) => other.kind === kind && other.i < i)).toBe(false)
          waiting.splice(
            waiting.findIndex((other) => other.i === i),
            1,
          )
          for (let n = 0; n < awaits; n++) await Promise.resolve()
          worked.push(i)
          working--
          if (fails) throw new Error('broken')
        }
        all.push(turns.take(kind, work).catch((error) => expect(String(error)).toBe('Error: broken')))
      }
      await Promise.all(all)
      expect([...worked].sort((a, b) => a - b)).toEqual(takers.map((_, i) => i))
      expect(turns.since).toBeNull()
    }),
  )
})
