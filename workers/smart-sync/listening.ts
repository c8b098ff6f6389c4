import { askLane, type LaneNamespace } from '../shared/lanes.ts'

/** Longest that a reader waits for lanes, in milliseconds. One that is slower has no devices, as far as we can tell. */
const PATIENCE = 2_000

/**
 * Tokens of the live sockets of these lanes. All lanes are asked at once, and no longer than until `enough` are known. Never
 * fails: what a lane could not say is in the log.
 */
export async function listening(
  lanes: LaneNamespace,
  names: readonly string[],
  enough: (tokens: ReadonlySet<string>) => boolean,
  patience = PATIENCE,
): Promise<ReadonlySet<string>> {
  const tokens = new Set<string>()
  if (enough(tokens)) return tokens
  let timer: ReturnType<typeof setTimeout> | undefined
  await new Promise<void>((done) => {
    timer = setTimeout(done, patience)
    const asked = names.map(async (lane) => {
      try {
        for (const token of await askLane(lanes, lane, (stub) => stub.listening(lane))) tokens.add(token)
        if (enough(tokens)) done()
      } catch (error) {
        console.error(JSON.stringify({ event: 'lane.not_heard', lane, error: String(error) }))
      }
    })
    Promise.all(asked).then(() => done())
  })
  clearTimeout(timer)
  return tokens
}
