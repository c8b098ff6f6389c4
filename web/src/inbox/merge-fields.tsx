import { useState } from 'preact/hooks'
import { isFigure, readable, typed, written } from '../../../sync/protocol/reference-values.ts'
import type { SyncConflict } from './shapes.ts'
import { disputed, plain, quoted } from './words.ts'

type Value = SyncConflict['localValue']

/** What is picked for each column, and what was typed for it. */
export type Merged = Readonly<
  Record<
    string,
    {
      readonly side: 'local' | 'remote' | 'own'
      readonly own: string
      readonly local: Value
      readonly remote: Value
    }
  >
>

/** Where the picking begins: with the local edit, and a free name where one is needed. */
export function mergeStart(conflict: SyncConflict): Merged {
  const suggestion = conflict.strategies.find(({ strategy }) => strategy === 'merge')?.suggestion ?? null
  return Object.fromEntries(
    disputed(conflict).map((column) => {
      const local = conflict.local?.[column] ?? null
      const remote = conflict.remote?.[column] ?? null
      const isTaken = conflict.kind === 'unique' && column === conflict.field
      return [
        column,
        {
          side: isTaken ? ('own' as const) : ('local' as const),
          own: typed(conflict.collection, column, isTaken ? suggestion : local),
          local,
          remote,
        },
      ]
    }),
  )
}

/** The merged values; a text that was emptied is no value yet. */
export function mergedValues(
  { collection }: Pick<SyncConflict, 'collection'>,
  merged: Merged,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(merged).flatMap(([column, { side, own, local, remote }]) => {
      if (side !== 'own') return [[column, side === 'local' ? local : remote]]
      if (isFigure(collection, column)) {
        const figure = written(collection, column, own)
        return figure === null ? [] : [[column, figure]]
      }
      const isNumber = typeof (local ?? remote) === 'number'
      return own.trim() === '' ? [] : [[column, isNumber && Number.isFinite(Number(own)) ? Number(own) : own]]
    }),
  )
}

/** The disputed columns: each picked from a side, or typed. */
export function MergeFields(props: {
  conflict: SyncConflict
  merged: Merged
  onChange: (merged: Merged) => void
}) {
  const { conflict, merged, onChange } = props
  const said = (column: string, value: Value) => {
    const text = readable(conflict.collection, column, value)
    return text === value ? quoted(value) : text
  }
  return (
    <>
      {Object.entries(merged).map(([column, picked]) => {
        const pick = (change: Partial<Merged[string]>) =>
          onChange({ ...merged, [column]: { ...picked, ...change } })
        const isTaken = conflict.kind === 'unique' && column === conflict.field
        const choice = (side: 'local' | 'remote', text: string) => (
          <label class="pick">
            <input
              type="radio"
              name={`merge-${column}`}
              checked={picked.side === side}
              onChange={() => pick({ side })}
            />
            <span>
              <span class="quiet">{text}</span> {said(column, picked[side])}
            </span>
          </label>
        )
        return (
          <fieldset key={column} class="picks">
            <legend>{plain(column)}</legend>
            {!isTaken && choice('local', conflict.link ? 'In the sheet' : 'Local edit')}
            {!isTaken && choice('remote', 'Stands here')}
            <div class="pick">
              {!isTaken && (
                <input
                  type="radio"
                  name={`merge-${column}`}
                  aria-label={`Something else for ${plain(column)}`}
                  checked={picked.side === 'own'}
                  onChange={() => pick({ side: 'own' })}
                />
              )}
              <Own name={plain(column)} value={picked.own} onInput={(own) => pick({ side: 'own', own })} />
            </div>
          </fieldset>
        )
      })}
    </>
  )
}

/** Texts longer than this, in characters, are typed in more than one line */
const LINE = 40

function Own({ name, value, onInput }: { name: string; value: string; onInput: (text: string) => void }) {
  // Decided once: a field that turns into another one loses the cursor.
  const [isLong] = useState(value.length > LINE)
  const of = {
    class: 'pick-own',
    'aria-label': `${name}, typed`,
    autocomplete: 'off',
    value,
  } as const
  return isLong ? (
    <textarea {...of} rows={3} onInput={(event) => onInput(event.currentTarget.value)} />
  ) : (
    <input {...of} onInput={(event) => onInput(event.currentTarget.value)} />
  )
}
