import type { CellNote } from '../../engine/ports.ts'
import type { Manner } from './cell-type.ts'
import { showValue } from './cell-types.ts'

/** The line that our notes begin with. What stands above it is a person's own note, and stays. */
const MARK = '— Tidemark: two values —'

/** What a person reads at a cell that waits for an answer. */
export function noteText({ reason, base, here, shows }: CellNote, type: string, manner: Manner): string {
  const quoted = (value: CellNote['base']) => showValue(value, type, manner)
  return [
    MARK,
    `Tidemark holds ${quoted(here)}. This sheet shows ${quoted(shows)}.`,
    ...(base === null ? [] : [`Before, both said ${quoted(base)}.`]),
    `Why: ${reason}.`,
    'To answer, type the value you want into this cell. To keep what the cell says, delete this note.',
  ].join('\n')
}

/** Whether a note holds one of ours. */
export const isNoted = (note: string | null | undefined): boolean => ownIn(note) !== null

/** Our part of a note; null: there is none. */
export function ownIn(note: string | null | undefined): string | null {
  const at = markIn(note)
  return at < 0 ? null : (note ?? '').slice(at)
}

/** A note with ours below what a person wrote, in place of an earlier one; without ours where `own` is null. */
export function withOwn(note: string | null | undefined, own: string | null): string {
  const at = markIn(note)
  const theirs = at < 0 ? (note ?? '') : (note ?? '').slice(0, at).replace(/\n{1,2}$/, '')
  if (own === null) return theirs
  return theirs === '' ? own : `${theirs}\n\n${own}`
}

function markIn(note: string | null | undefined): number {
  const text = note ?? ''
  if (text.startsWith(MARK)) return 0
  const at = text.indexOf(`\n${MARK}`)
  return at < 0 ? -1 : at + 1
}
