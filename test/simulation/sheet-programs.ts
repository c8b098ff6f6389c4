import type { Row, SqlValue } from '../../db/database.ts'
import type { Push, Strategy } from '../../sync/protocol/lane.ts'
import { rows } from '../engine/world.ts'
import type { Deed } from './sheet-acts.ts'
import { type Playing, pick } from './sheet-playing.ts'
import type { Stage } from './sheet-stage.ts'
import type { ActKind } from './sheet-story.ts'

/** What programs say to the lane: a bot's edits and an admin's answers. */
export function programs(p: Playing, stage: Stage) {
  const { shape, scene, book, log } = p
  const { world } = scene
  let pushes = 0

  const push = (
    key: string,
    op: 'insert' | 'update' | 'delete',
    values: Row,
    base: Row,
    mark: SqlValue,
    more: object = {},
  ) => {
    world.clock.advance(1_000)
    const asked: Push = {
      id: `push ${++pushes}`,
      actor: 'bot',
      origin: 'api',
      mutations: [
        {
          type: 'edit',
          op,
          table: shape.table,
          key,
          values,
          base,
          at: null,
          ...more,
        } as Push['mutations'][number],
      ],
    }
    return stage.push(asked, ([answer]) => {
      log.push(`  bot heard ${answer?.status} ${answer?.reason ?? ''} of ${key} ${JSON.stringify(values)}`)
      if (answer?.status === 'rejected') return
      for (const [column, value] of Object.entries(values)) {
        book.say('bot', mark, column, value)
        if (value !== null && answer?.status !== 'unchanged') book.take(column, value, 'acknowledged')
      }
      if (op === 'delete' && answer?.status === 'applied') book.removed('bot', mark)
      if (op === 'insert' && shape.name === 'id') book.say('bot', mark, 'id', key)
      if (op === 'update') book.wanted(mark)
    })
  }

  /** Marks of rows that stand there in the place of the one that a conflict is about */
  const shownAs = ({ key }: Row): SqlValue[] =>
    p.filled().flatMap(({ ref, mark }) => (ref !== null && ref === key ? [mark] : []))

  const resolve = async (conflict: Row, strategy: Strategy, newValue?: SqlValue) => {
    const held = ['emptied', 'replaced', 'deletion_guard'].includes(String(conflict.kind))
    const absent = new Set([...book.marks.keys()])
    for (const { mark } of p.filled()) absent.delete(mark)
    if (held)
      for (const mark of absent) {
        // Rows that the tab never showed are none of those that are let go.
        book.wanted(mark)
        if (strategy === 'keep_local') book.removed('admin', mark)
      }
    const row = rows(world, `SELECT * FROM ${shape.table} WHERE id = ?`, String(conflict.key))[0]
    const waits = conflict.op === 'insert' ? (JSON.parse(String(conflict.theirs)) as Row) : {}
    const mark = row?.[shape.mark] ?? waits[shape.mark] ?? null
    if (conflict.kind === 'unique' && row)
      book.say('admin', mark, String(conflict.col), row[String(conflict.col)] ?? null)
    if (newValue !== undefined) book.say('admin', mark, String(conflict.col), newValue)
    // A row that waits whole is let in, or given up.
    if (conflict.op === 'insert' && strategy === 'keep_remote') book.removed('admin', mark)
    if (row) {
      book.wanted(mark)
      if (
        ['delete', 'undo'].includes(String(conflict.kind)) &&
        conflict.theirs === null &&
        strategy === 'keep_local'
      )
        book.removed('admin', mark)
      if (conflict.kind === 'deleted' && strategy === 'keep_remote')
        for (const of of [mark, ...shownAs(conflict)]) book.removed('admin', of)
    }
    world.clock.advance(1_000)
    await stage.change(
      {
        actor: 'ann',
        origin: 'api',
        dryRun: false,
        proposal: {
          type: 'resolve',
          conflict: String(conflict.id),
          strategy,
          notes: '',
          ...(newValue !== undefined && { newValue }),
        },
      },
      (answer) => {
        log.push(`  admin: ${strategy} of ${conflict.kind} ${conflict.key} ${conflict.col}: ${answer.type}`)
      },
    )
  }

  const edits: Deed = ({ kind, b, row, column }) => {
    if (!row) return
    const stale = p.snapshots.find(({ id }) => id === row.id)
    const base = kind === 'bot edits late' && stale ? stale : row
    const value = shape.value(column, row, p.fresh())
    const how = {
      base: { [column]: base[column] ?? null },
      more: b % 3 === 0 ? { if_version: Number(base.version) } : {},
    }
    return push(String(row.id), 'update', { [column]: value }, how.base, row[shape.mark] ?? null, how.more)
  }

  return {
    resolve,
    acts: {
      'bot edits': edits,
      'bot edits late': edits,
      'bot inserts': () => {
        const values = shape.row(++p.slots, p.fresh)
        const { id = `bot${p.slots}`, ...rest } = values
        return push(String(id), 'insert', rest, {}, values[shape.mark] ?? null)
      },
      'bot deletes': ({ row }) => row && push(String(row.id), 'delete', {}, row, row[shape.mark] ?? null),
      resolve: ({ a, b }) => {
        const conflict = pick(p.open(), a)
        return conflict && resolve(conflict, b % 2 === 0 ? 'keep_local' : 'keep_remote')
      },
    } satisfies Partial<Record<ActKind, Deed>>,
  }
}
