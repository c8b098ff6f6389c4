import type { Row } from '../../db/database.ts'
import type { Proposal, Push } from '../../sync/protocol/lane.ts'
import { rows } from '../engine/world.ts'
import type { MixedDeed } from './mixed-acts.ts'
import type { MixedShape } from './mixed-shapes.ts'
import type { OthersKind } from './mixed-story.ts'
import { type Playing, pick } from './sheet-playing.ts'
import type { programs } from './sheet-programs.ts'
import type { Stage } from './sheet-stage.ts'

/** What an admin's acts came to, over all worlds. */
export const administered = { undone: 0, pinned: 0, resolved: 0 }

/** An admin, who answers conflicts, undoes, and pins. */
export function adminOf(
  p: Playing,
  shape: MixedShape,
  set: Stage,
  said: Pick<ReturnType<typeof programs>, 'resolve'>,
) {
  const { book, log, scene } = p
  const { world } = scene
  let pushes = 0

  /** Undoes, and says in the ledger what that comes to */
  const undo = async (of: Extract<Proposal, { type: 'undo' }>['of'], pin: boolean) => {
    const ask = { actor: 'ann', origin: 'api', proposal: { type: 'undo' as const, of, pin } }
    const plan = await set.once((lane) => lane.change({ ...ask, dryRun: true }))
    if (plan?.type !== 'planned') return
    for (const { table, key, op, columns } of plan.plan.changes) {
      const [row] = rows(world, `SELECT * FROM ${table} WHERE id = ?`, key)
      const mark = row?.[shape.mark] ?? null
      for (const [column, { after }] of Object.entries(columns)) book.say('admin', mark, column, after)
      if (op === 'delete') book.removed('admin', mark)
      book.wanted(mark)
    }
    // What waited in a conflict that it closes is let go, a whole row too.
    for (const { conflict } of plan.plan.settles) {
      const [open] = rows(world, 'SELECT key, op, theirs FROM conflicts WHERE id = ?', conflict)
      const [row] = rows(world, `SELECT * FROM ${shape.table} WHERE id = ?`, open?.key ?? null)
      const waits = open?.op === 'insert' ? (JSON.parse(String(open.theirs)) as Row) : {}
      if (waits[shape.mark] != null) book.removed('admin', waits[shape.mark] ?? null)
      for (const column of row ? shape.free : [])
        book.say('admin', row?.[shape.mark] ?? null, column, row?.[column] ?? null)
    }
    world.clock.advance(1_000)
    await set.change({ ...ask, dryRun: false }, (answer) => {
      administered.undone++
      log.push(
        `  undone: ${answer.type} ${JSON.stringify('plan' in answer ? answer.plan.changes : answer.failure)}`,
      )
    })
  }

  const pinning = (mutation: Push['mutations'][number], mark: Row[string]) => {
    world.clock.advance(1_000)
    const push: Push = { id: `pin ${++pushes}`, actor: 'ann', origin: 'api', mutations: [mutation] }
    return set.push(push, ([answer]) => {
      administered.pinned++
      log.push(`  ${mutation.type}: ${answer?.status} ${answer?.reason ?? ''} of ${mark}`)
    })
  }

  /** An admin's answer; a unique value that is taken is given another. */
  async function answer(conflict: Row, how: 'keep_local' | 'keep_remote' | 'rename_local' | 'merge') {
    if (['unreadable', 'duplicate'].includes(String(conflict.kind))) return
    const isUnique = conflict.kind === 'unique'
    const isGuard = ['emptied', 'replaced', 'copied', 'deletion_guard'].includes(String(conflict.kind))
    const isOdd =
      (how === 'rename_local' && !isUnique) || (how === 'merge' && (isGuard || conflict.col === null))
    const strategy = isOdd ? 'keep_remote' : how
    const column = String(conflict.col)
    const renames =
      (strategy === 'merge' || (isUnique && strategy !== 'keep_remote')) && shape.free.includes(column)
    const newValue = renames ? shape.value(column, {}, p.fresh()) : undefined
    administered.resolved++
    await said.resolve(conflict, strategy, newValue)
  }

  const acts = {
    resolve: ({ a, b }) => {
      const conflict = pick(p.open(), a)
      if (!conflict) return
      const how = (['keep_local', 'keep_remote', 'rename_local', 'merge'] as const)[b % 4] as 'merge'
      return answer(conflict, how)
    },
    'undo run': ({ a, b }) => {
      const run = pick(rows(world, 'SELECT id FROM runs ORDER BY id DESC LIMIT 3'), a)
      return run && undo({ run: String(run.id) }, b % 3 === 0)
    },
    'undo commit': ({ a, b }) => {
      const [lane] = rows(world, 'SELECT version FROM lanes WHERE lane = ?', shape.lane)
      return lane && undo({ version: Number(lane.version) - (a % 4) }, b % 3 === 0)
    },
    'undo answer': ({ a }) => {
      const settled = rows(world, 'SELECT id FROM conflicts WHERE resolved_version IS NOT NULL ORDER BY id')
      const conflict = pick(settled, a)
      return conflict && undo({ resolution: String(conflict.id) }, false)
    },
    pin: ({ b }, { row, column }) => {
      if (!row) return
      const mark = row[shape.mark] ?? null
      const value = b % 2 === 0 ? (row[column] ?? null) : shape.value(column, row, p.fresh())
      if (value === null) return
      book.say('admin', mark, column, value)
      const how = { note: '', until: null, value: value as string }
      return pinning({ type: 'pin', table: shape.table, key: String(row.id), column, ...how }, mark)
    },
    unpin: ({ a }) => {
      const pin = pick(rows(world, 'SELECT * FROM pins ORDER BY key, col'), a)
      const of = pin && { table: shape.table, key: String(pin.key), column: String(pin.col) }
      return of && pinning({ type: 'unpin', ...of }, of.key)
    },
  } satisfies Partial<Record<OthersKind, MixedDeed>>
  return { answer, acts }
}
