import type { Row, Statement } from '../../db/database.ts'
import type { Failure } from '../protocol/failures.ts'
import type { MutationAnswer, Push } from '../protocol/lane.ts'
import { digest } from './digest.ts'

type Device = NonNullable<Push['device']>

/** What a lane remembers of one incarnation of a device. */
export interface DeviceLane {
  readonly owner: string
  /** The highest number that is settled */
  readonly last: number
  /** Of the last push: digest and answer of its mutations, the last of which has the number `last` */
  readonly recent: readonly (readonly [string, MutationAnswer])[]
}

/** What is left to do of a numbered push. `known`: answers that were given before, to its first mutations. */
export type Numbered =
  | { readonly type: 'go'; readonly known: readonly MutationAnswer[] }
  | { readonly type: 'failed'; readonly failure: Failure }

/**
 * Compares a push with the last one of its device: numbers that were settled are answered as they were, if the content is
 * the same. What is older than the last push can't be compared, and a device that sends it is a restored copy: forked.
 */
export function number(of: Device, lane: DeviceLane | null, digests: readonly string[]): Numbered {
  const last = lane?.last ?? 0
  if (lane && lane.owner !== of.owner) return { type: 'failed', failure: FOREIGN }
  if (of.first > last + 1)
    return {
      type: 'failed',
      failure: {
        type: 'gap',
        detail: `The number after ${last} is ${last + 1}, and this begins with ${of.first}.`,
        kept: `What has a number up to ${last} is settled.`,
        mend: `Send from number ${last + 1}, or take a new incarnation if that is not in the outbox any more.`,
        expected: last + 1,
      },
    }
  const recent = lane?.recent ?? []
  const begin = last - recent.length + 1
  const known: MutationAnswer[] = []
  for (let n = of.first; n <= last && n - of.first < digests.length; n++) {
    const [content, answer] = recent[n - begin] ?? []
    if (n < begin || content !== digests[n - of.first] || !answer)
      return { type: 'failed', failure: fork(`The number ${n} was used with other content.`) }
    known.push(answer)
  }
  return { type: 'go', known }
}

const fork = (detail: string): Failure => ({
  type: 'forked',
  detail,
  kept: 'Everything that was acknowledged is kept, and what is in the outbox is still there.',
  mend: 'Take a new incarnation, number the outbox from 1, and send it again.',
})

/** Said to whoever uses an incarnation that another user's device has. */
export const FOREIGN = fork('This incarnation is another device of somebody else.')

/** Digests of a push's mutations. */
export const digestsOf = ({ mutations }: Push): string[] =>
  mutations.map((mutation) => digest(JSON.stringify(mutation)))

export const readDeviceLane = ({ incarnation }: Pick<Device, 'incarnation'>, lane: string): Statement => ({
  sql: 'SELECT owner, last, recent FROM device_lanes WHERE incarnation = ?1 AND lane = ?2',
  params: [incarnation, lane],
})

export const deviceLaneOf = (row: Row | undefined): DeviceLane | null =>
  row
    ? {
        owner: String(row.owner),
        last: Number(row.last),
        recent: JSON.parse(String(row.recent)) as DeviceLane['recent'],
      }
    : null

/** Longest JSON of answers that is kept, in UTF-16 units: in UTF-8 within the 2,000,000 bytes of a row of D1 */
const KEPT = 600_000

/** Digests and answers as they are kept. Where they are too long, without the values: a repeat is shown the rows anyway. */
export function remembered(
  digests: readonly string[],
  answers: readonly MutationAnswer[],
): DeviceLane['recent'] {
  const all = answers.map((answer, i): [string, MutationAnswer] => [digests[i] ?? '', answer])
  return JSON.stringify(all).length <= KEPT
    ? all
    : all.map(([content, { set: _, ...answer }]): [string, MutationAnswer] => [content, answer])
}

/** The push is settled: part of its batch. What lands late, after its own retry and what followed, changes nothing. */
export const saveDeviceLane = (
  of: Device,
  lane: string,
  recent: DeviceLane['recent'],
  now: number,
): Statement => ({
  sql: `INSERT INTO device_lanes (incarnation, lane, owner, last, recent, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (incarnation, lane) DO UPDATE SET last = excluded.last, recent = excluded.recent, at = excluded.at
    WHERE device_lanes.last < excluded.last`,
  params: [of.incarnation, lane, of.owner, of.first + recent.length - 1, JSON.stringify(recent), now],
})
