import { readable } from '../../../sync/protocol/reference-values.ts'
import { scalar } from '../format.ts'
import { When } from '../parts/time.tsx'
import { differences } from './differences.ts'
import type { SyncConflict } from './shapes.ts'
import { disputed, plain } from './words.ts'

type Value = SyncConflict['localValue']
type Side = SyncConflict['local']

/** Both sides next to each other, and what they started from; what differs is marked, word by word. */
export function Versus({ conflict }: { conflict: SyncConflict }) {
  const { kind, local, remote, base, link, collection } = conflict
  const columns = disputed(conflict)
  const others = Object.keys({ ...remote, ...local }).filter((column) => !columns.includes(column))
  const hasBase = base !== null && columns.some((column) => column in base)
  return (
    <>
      <dl class={`versus${hasBase ? ' has-base' : ''}`}>
        <SideOf
          table={collection}
          name={link ? 'In the database' : 'Stands here'}
          by={conflict.remoteBy}
          at={conflict.remoteAt}
          side={remote}
          other={local}
          isTaken={kind === 'unique'}
          columns={columns}
          gone={kind === 'unique' ? 'No row has it any more' : 'The row was deleted'}
        />
        <SideOf
          table={collection}
          name={link ? 'In the sheet' : 'Local edit'}
          by={conflict.localBy}
          at={conflict.localAt}
          side={local}
          other={remote}
          isTaken={kind === 'unique'}
          columns={columns}
          gone="The row is to be deleted"
        />
        {hasBase && (
          <SideOf
            table={collection}
            name="Before"
            side={base}
            other={null}
            columns={columns}
            gone="Nothing"
            hint="What both began with"
          />
        )}
      </dl>
      {others.length > 0 && (
        <details class="others" open={others.length <= 6}>
          <summary>The rest of the row</summary>
          <dl class="about">
            {others.map((column) => (
              <div key={column}>
                <dt>{plain(column)}</dt>
                <dd>{scalar(readable(collection, column, (local ?? remote)?.[column] ?? null))}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}

function SideOf(props: {
  table: string
  name: string
  by?: string | undefined
  at?: string | undefined
  hint?: string
  side: Side
  other: Side
  columns: readonly string[]
  /** What is said where the side has no row */
  gone: string
  /** Both sides want the same */
  isTaken?: boolean
}) {
  const { table, name, by, at, hint, side, other, columns, gone, isTaken } = props
  const said = (column: string, of: Side) => readable(table, column, of?.[column] ?? null)
  return (
    <div>
      <dt>
        {name}
        {(by || at || hint) && (
          <span class="side-hint">
            {hint}
            {by}
            {by && at && ', '}
            {at && <When time={at} />}
          </span>
        )}
      </dt>
      <dd>
        {side === null ? (
          <p class="side-gone">{gone}</p>
        ) : (
          <ul class="versus-values">
            {columns
              .filter((column) => column in side)
              .map((column) => (
                <li key={column}>
                  <span class="quiet">{plain(column)}</span>
                  {isTaken ? (
                    <span class="side-value">
                      <mark>{scalar(said(column, side))}</mark>
                    </span>
                  ) : (
                    <Marked value={said(column, side)} other={other ? said(column, other) : undefined} />
                  )}
                </li>
              ))}
          </ul>
        )}
      </dd>
    </div>
  )
}

/** A value, with the words marked that the other side lacks; `other` undefined: there is nothing to compare with. */
function Marked({ value, other }: { value: Value; other: Value | undefined }) {
  if (other === undefined || value === other) return <span class="side-value">{scalar(value)}</span>
  const pieces =
    typeof value === 'string' && typeof other === 'string'
      ? differences(value, other)
      : [{ text: scalar(value), differs: true }]
  return (
    <span class="side-value">
      {pieces.map(({ text, differs }, i) =>
        differs ? <mark key={`${i}.${text}`}>{text}</mark> : <span key={`${i}.${text}`}>{text}</span>,
      )}
      <span class="hidden"> (differs)</span>
    </span>
  )
}
