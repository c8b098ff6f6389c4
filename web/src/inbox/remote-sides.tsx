import type { Conflict } from '../../../sync/protocol/records.ts'
import { scalar } from '../format.ts'

type Value = Conflict['base']

/** What both started from and what each says now; of whole rows, the columns that differ are marked. */
export function ConflictSides({ conflict }: { conflict: Conflict }) {
  const { base, ours, theirs } = conflict
  const differing = differences(ours, theirs)
  return (
    <dl class="sides">
      {(base !== null || conflict.column) && (
        <Side term="Base" hint="What both sides agreed on last" value={base} differing={differing} />
      )}
      <Side term="Ours" hint="What stands meanwhile" value={ours} differing={differing} />
      <Side term="Theirs" hint="What the remote proposes" value={theirs} differing={differing} />
    </dl>
  )
}

function Side(props: { term: string; hint: string; value: Value; differing: ReadonlySet<string> }) {
  return (
    <div>
      <dt>
        {props.term} <span class="side-hint">{props.hint}</span>
      </dt>
      <dd>
        <SideValue value={props.value} differing={props.differing} />
      </dd>
    </div>
  )
}

function SideValue({ value, differing }: { value: Value; differing: ReadonlySet<string> }) {
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
          <span class="quiet">{column}</span> {scalar(of)}
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
