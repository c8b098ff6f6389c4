import type { Remote } from '../../../cli/laptop/remote.ts'
import { DeviceMutation, PushInput } from '../../../sync/protocol/device.ts'
import { COLUMNS, type DeviceStore } from './store.ts'

/** What the network does to one request. */
export type Fault = 'none' | 'before' | 'after' | 'twice'

export class Cut extends Error {}

/** A server behind a network that cuts requests off before or after they arrived, and delivers some twice. */
export function remoteOver(store: DeviceStore, next: () => Fault = () => 'none') {
  const sent: string[] = []
  async function through<T>(what: string, work: () => T): Promise<T> {
    const fault = next()
    sent.push(what)
    await Promise.resolve()
    if (fault === 'before') throw new Cut('cut before')
    const answer = work()
    if (fault === 'twice') {
      await Promise.resolve()
      return work()
    }
    if (fault === 'after') throw new Cut('cut after')
    return answer
  }
  const remote: Remote = {
    tables: async () => [view],
    pull: (_lane, cursor) => through('pull', () => store.read(cursor ?? undefined, '')),
    push: (body) => through(body, () => answerTo(store, JSON.parse(body))),
  }
  return { remote, sent }
}

export const view = {
  name: 'listings',
  lane: 'listings',
  key: 'id',
  label: 'Listings',
  columns: COLUMNS,
}

export function answerTo(store: DeviceStore, body: unknown): Awaited<ReturnType<Remote['push']>> {
  const { incarnation, first = 1, mutations, cursor } = PushInput.parse(body)
  const results =
    mutations.length > 0
      ? store.push(
          incarnation,
          first,
          mutations.map((each) => DeviceMutation.parse(each)),
        )
      : []
  if (results === 'forked') return { type: 'forked' }
  if (!Array.isArray(results)) return { type: 'gap', expected: results.gap }
  const told = results.filter(({ status, key, set }) => status !== 'applied' || key || set)
  return {
    type: 'answered',
    answer: {
      last: store.settled(incarnation),
      ...(told.length > 0 && { results: told }),
      ...(cursor === undefined ? {} : store.read(cursor, incarnation)),
    },
  }
}
