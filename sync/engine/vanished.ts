import type { Row } from '../../db/database.ts'
import type { Change, ConflictRow, PinChange } from './changes.ts'
import { digest } from './digest.ts'
import { mayDelete } from './guard.ts'
import { DELETIONS } from './guard-kinds.ts'
import { type PageEntry, type PlanInput, scopeKeyOf } from './plan.ts'

/** Rows that one question names: their keys stand in it. More of them are asked about once these are gone. */
const MOST_ASKED = 10_000

/** Rows known to the link that the page no longer shows: believed at the second look, deleted under the guard. */
export function judgeVanished(
  input: Pick<PlanInput, 'link' | 'scope' | 'part' | 'known' | 'deletions' | 'now' | 'pins'>,
  vanished: readonly PageEntry[],
  seen: number,
  byKey: ReadonlyMap<string, Row>,
): {
  entries: PageEntry[]
  changes: Change[]
  pins: PinChange[]
  conflicts: ConflictRow[]
  lookAgain: boolean
} {
  const { link: of, part, known, deletions, now, pins } = input
  const first = vanished.filter((entry) => entry[5] === 0)
  const [approved, second] = [true, false].map((gone) =>
    vanished.filter((entry) => entry[5] > 0 && (byKey.get(entry[0])?.deleted_at != null) === gone),
  ) as [PageEntry[], PageEntry[]]
  // What a person let go is remembered, as what the guard let go: it gets its old key back, should it return.
  const dead = [
    ...vanished.filter((entry) => entry[5] === -1),
    ...approved.map((e): PageEntry => [e[0], e[1], e[2], e[3], e[4], -1]),
  ]
  const marked = first.map((e): PageEntry => [e[0], e[1], e[2], e[3], e[4], now])
  const kept = { entries: [...dead, ...marked, ...second], changes: [], pins: [], conflicts: [] }
  if (of.deletes === 'never') return { ...kept, entries: [...dead], lookAgain: false }
  const lookAgain = first.length > 0
  const doomed = second.filter((entry) => byKey.get(entry[0])?.deleted_at === null)
  if (doomed.length === 0) return { ...kept, entries: [...dead, ...marked], lookAgain }
  const total = known.filter((entry) => entry[5] !== -1).length
  if (seen === 0 || !mayDelete(total, doomed.length, deletions)) {
    const detail = `${doomed.length} of ${total} rows are gone from ${part.name}; more than the guard lets go, so they were kept`
    return {
      ...kept,
      lookAgain,
      conflicts: [
        {
          id: `c_${digest(`${scopeKeyOf(input)}|deletion_guard`)}`,
          part: part.id,
          tbl: of.table.name,
          key: part.id,
          col: null,
          kind: DELETIONS,
          base: null,
          ours: JSON.stringify(doomed.slice(0, 100).map((entry) => entry[0])),
          theirs: JSON.stringify(doomed.slice(0, MOST_ASKED).map((entry) => entry[0])),
          detail,
          recommendations: [
            'Put the rows back; the conflict closes by itself.',
            'Let them go (keep_local), or keep them here for good (keep_remote).',
          ],
        },
      ],
    }
  }
  const changes = doomed.map((entry): Change => {
    const before = byKey.get(entry[0]) as Row
    return {
      table: of.table,
      key: entry[0],
      op: 'delete',
      before,
      after: { ...before, deleted_at: now },
      columns: ['deleted_at'],
      why: { deleted_at: [`${of.remote} ${part.name}`, 'absent twice'] },
    }
  })
  const keys = new Set(doomed.map((entry) => entry[0]))
  return {
    entries: [...dead, ...marked, ...doomed.map((e): PageEntry => [e[0], e[1], e[2], e[3], e[4], -1])],
    changes,
    pins: pins
      .filter((pin) => pin.source === of.name && keys.has(pin.key))
      .map((pin) => ({ op: 'release', pin })),
    conflicts: [],
    lookAgain,
  }
}
