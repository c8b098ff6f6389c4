import { openFloor } from './device-floor.ts'
import { openLaptops } from './device-laptops.ts'
import { type LineOptions, LOOPBACK, MOBILE } from './line.ts'
import { median, print } from './print.ts'

/** What one sync took: milliseconds, and bytes on the wire with the headers. */
export interface Took {
  readonly ms: number
  readonly bytes: number
}

/** A laptop and its server, ours or the plainest that can be; each call is one measured sync. */
export interface Contender {
  /** Into a new file */
  firstPull(): Promise<Took>
  push(edits: number): Promise<Took>
  pull(changes: number): Promise<Took>
  noChange(): Promise<Took>
  /** From a phone's request until the laptop's file has it */
  live(): Promise<Took>
  close(): Promise<void>
}

export const ROWS = 6_000

/** Times and bytes of a laptop's syncs, beside a server and a client that do nothing but carry the same rows. */
export async function benchDevices(): Promise<void> {
  for (const [name, line] of LINES) {
    const floor = await measure(() => openFloor(line))
    const ours = await measure(() => openLaptops(line))
    print(`a laptop's syncs, ${name}: median ms, over the floor of the same run`, [
      ['', 'floor', 'tidemark', 'ratio', 'wanted', 'bytes', 'over the floor'],
      ...WHAT.map(([what, label, wanted]): string[] => {
        const [low, own] = [floor[what], ours[what]]
        return [
          label,
          low.ms.toFixed(1),
          own.ms.toFixed(1),
          `${(own.ms / low.ms).toFixed(2)} ×`,
          `${wanted} ×`,
          `${own.bytes}`,
          `${(own.bytes / low.bytes).toFixed(2)} ×`,
        ]
      }),
    ])
  }
}

const LINES: readonly (readonly [string, LineOptions])[] = [
  ['loopback', LOOPBACK],
  ['50 ms round trip, 10/5 Mbit/s', MOBILE],
]

const WHAT = [
  ['firstPull', `first pull of ${ROWS} rows`, 2],
  ['push', 'push of 1,000 edits', 2.5],
  ['pull', 'pull of 100 changes', 3],
  ['noChange', 'no change', 2],
  ['live', 'phone to laptop, live', 2.5],
] as const

const ROUNDS = { firstPull: 7, push: 9, pull: 15, noChange: 40, live: 20 } as const

async function measure(open: () => Promise<Contender>): Promise<Record<keyof typeof ROUNDS, Took>> {
  const contender = await open()
  try {
    const of = async (rounds: number, sync: () => Promise<Took>): Promise<Took> => {
      const all: Took[] = []
      for (let round = 0; round <= rounds; round++) all.push(await sync())
      // The first round opens connections and warms isolates up.
      const rest = all.slice(1)
      return { ms: median(rest.map(({ ms }) => ms)), bytes: median(rest.map(({ bytes }) => bytes)) }
    }
    return {
      firstPull: await of(ROUNDS.firstPull, () => contender.firstPull()),
      push: await of(ROUNDS.push, () => contender.push(1_000)),
      pull: await of(ROUNDS.pull, () => contender.pull(100)),
      noChange: await of(ROUNDS.noChange, () => contender.noChange()),
      live: await of(ROUNDS.live, () => contender.live()),
    }
  } finally {
    await contender.close()
  }
}
