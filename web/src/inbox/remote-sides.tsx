import type { Conflict } from '../../../sync/protocol/records.ts'
import { readable } from '../../../sync/protocol/reference-values.ts'
import { isTied } from '../../../sync/protocol/sheet-conflicts.ts'
import { scalar } from '../format.ts'

type Value = Conflict['base']

/** What both started from and what each says now; of whole rows, the columns that differ are marked. */
export function ConflictSides({ conflict }: { conflict: Conflict }) {
  const { base, ours, theirs } = conflict
  const differing = differences(ours, theirs)
  if (isTied(conflict) && ours === null && theirs === null) return null
  const shared = { table: conflict.table, differing }
  const [here, there] = isTied(conflict) ? TIED : REMOTE
  return (
    <dl class="sides">
      {(base !== null || conflict.column) && <Side {...BASE} {...shared} value={base} />}
      <Side {...here} {...shared} value={ours} />
      <Side {...there} {...shared} value={theirs} />
    </dl>
  )
}

const BASE = { term: 'Base', hint: 'What both sides agreed on last' } as const
const REMOTE = [
  { term: 'Ours', hint: 'What stands meanwhile' },
  { term: 'Theirs', hint: 'What the remote proposes' },
] as const
const TIED = [
  { term: 'In the database', hint: 'What stands meanwhile' },
  { term: 'In the sheet', hint: 'What somebody typed' },
] as const

interface Of {
  readonly table: string
  readonly value: Value
  readonly differing: ReadonlySet<string>
}

function Side(props: Of & { term: string; hint: string }) {
  return (
    <div>
      <dt>
        {props.term} <span class="side-hint">{props.hint}</span>
      </dt>
      <dd>
        <SideValue {...props} />
      </dd>
    </div>
  )
}

function SideValue({ table, value, differing }: Of) {
  const content = contentOf(value)
  if (content === null) return <span class="quiet">nothing</span>
  if (Array.isArray(content))
    return (
      <ul class="keys">
        {content.map((key) => (
          <li key={key}>{key}</li>
        ))}
      </ul>
    )
  if (typeof content !== 'object') return <strong class="side-value">{scalar(content)}</strong>
  return (
    <ul class="columns">
      {Object.entries(content).map(([column, of]) => (
        <li key={column} class={differing.has(column) ? 'is-different' : ''}>
          <span class="quiet">{column}</span> {scalar(readable(table, column, of))}
          {differing.has(column) && <span class="hidden"> (differs)</span>}
        </li>
      ))}
    </ul>
  )
}

/** Whole rows and lists of keys travel as JSON in the scalar. */
function contentOf(value: Value): Value | string[] | Record<string, Value> {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function differences(ours: Value, theirs: Value): ReadonlySet<string> {
  const [left, right] = [contentOf(ours), contentOf(theirs)]
  if (!isRow(left) || !isRow(right)) return new Set()
  return new Set(
    [...Object.keys(left), ...Object.keys(right)].filter((column) => left[column] !== right[column]),
  )
}

const isRow = (content: ReturnType<typeof contentOf>): content is Record<string, Value> =>
  content !== null && typeof content === 'object' && !Array.isArray(content)
