import type { Row } from '../../db/database.ts'
import { type Durable, seed } from '../engine/world.ts'

/** What the suite needs to know of a link to hold it to the laws. A link without a fixture fails the suite. */
export interface Fixture {
  readonly scope: string
  readonly parts: readonly string[]
  readonly seed: (world: Durable) => void
  /** The n-th row of a part as the remote shows it */
  readonly row: (part: string, n: number) => Row
  /** The same row after someone changed it, so that its rule takes the change */
  readonly edited: (row: Row) => Row
}

export const fixtures: Readonly<Record<string, Fixture>> = {
  'smart-sync.sheet': {
    scope: 'w1',
    parts: ['p1', 'p2'],
    seed: (world) => seed(world, 2),
    row: (part, n) => ({
      profile_url: `https://site.test/${part}/${n}`,
      username: `user ${n}`,
      followers: n * 10,
      likes: n,
    }),
    edited: (row) => ({ ...row, followers: Number(row.followers) + 1 }),
  },
  'smart-sync.readers': {
    scope: 'w1',
    parts: ['youtube', 'tool'],
    seed: (world) => {
      seed(world, 1)
      world.file.exec(
        `INSERT INTO config VALUES ('smart-sync.readers', '{"readers": [{"source": "youtube"}, {"source": "tool"}]}', 0, 'ann')`,
      )
    },
    row: (part, n) => ({
      id: `a${n}:views:${part}`,
      account_id: `a${n}`,
      metric: 'views',
      source: part,
      value: n,
      at: 1_000,
    }),
    edited: (row) => ({ ...row, value: Number(row.value) + 1, at: Number(row.at) + 1 }),
  },
}
