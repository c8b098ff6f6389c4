import type { ComponentChildren } from 'preact'
import { readable } from '../../../sync/protocol/reference-values.ts'
import { capital, count } from '../format.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import type { PlanView } from './shapes.ts'
import { plain, quoted } from './words.ts'

type Change = PlanView['changes'][number]
type Column = Change['columns'][string]

/** Columns of the bookkeeping: they follow from the others. */
const HIDDEN = /^(version|updated_at|edited_at|deleted_at|origin)$|_key$/
/** Lines shown at first: a plan can be of thousands of rows */
const SHOWN = 30

const OPS = {
  insert: ['insert', 'comes back'],
  update: ['update', 'changes'],
  delete: ['delete', 'is removed'],
  refuse: ['refuse', 'stays as it is'],
  pin: ['pin', 'is pinned'],
  unpin: ['pin', 'is released from its pin'],
} as const satisfies Record<Change['op'], readonly [IconName, string]>

/** What plans would change, row by row and column by column. Lines that `before` lacks are marked: they are news. */
export function PlanList(props: {
  plans: readonly PlanView[]
  before?: readonly PlanView[] | undefined
  /** What is said where no row changes */
  empty: ComponentChildren
}) {
  const { plans, before } = props
  const known = before && new Set(before.flatMap(({ changes }) => changes.map(nameOf)))
  const changes = plans.flatMap((plan) => plan.changes)
  const opens = plans.flatMap((plan) => plan.opens)
  const skips = plans.flatMap((plan) => plan.skips)
  const reopened = plans.flatMap((plan) => plan.settles).filter(({ strategy }) => strategy === 'reopen')
  return (
    <>
      {changes.length === 0 && <p class="plan-empty">{props.empty}</p>}
      {changes.length > 0 && (
        <ul class="plan">
          {changes.slice(0, SHOWN).map((change) => (
            <ChangeLine
              key={nameOf(change)}
              change={change}
              isNew={known ? !known.has(nameOf(change)) : false}
            />
          ))}
        </ul>
      )}
      {changes.length > SHOWN && <p class="quiet">and {count(changes.length - SHOWN, 'row')} more</p>}
      {reopened.length > 0 && (
        <p class="plan-note">
          <Icon name="conflict" />
          {reopened.length === 1
            ? 'The conflict is open again.'
            : `${count(reopened.length, 'conflict')} are open again.`}
        </p>
      )}
      {opens.map(({ conflict, table, key, detail }) => (
        <p key={conflict} class="plan-note tone-warn">
          <Icon name="conflict" />
          <span>
            {capital(plain(table))} {key} becomes a conflict: {detail}
          </span>
        </p>
      ))}
      {skips.map(({ about, reason }) => (
        <p key={about} class="plan-note quiet">
          <Icon name="unchanged" />
          <span>
            {about} stays as it is: {reason}
          </span>
        </p>
      ))}
    </>
  )
}

function ChangeLine({ change, isNew }: { change: Change; isNew: boolean }) {
  const [icon, verb] = OPS[change.op]
  const columns = Object.entries(change.columns).filter(([name]) => !HIDDEN.test(name))
  const isMade =
    change.op === 'insert' && columns.every(([, { before, after }]) => before === null || before === after)
  return (
    <li class={isNew ? 'is-new' : ''}>
      <Icon name={icon} />
      <div>
        <p>
          <strong>
            {capital(plain(change.table))} {change.key}
          </strong>{' '}
          {isMade ? 'is added' : verb}
          {isNew && <span class="news">different now</span>}
        </p>
        <ul class="plan-columns">
          {columns.map(([name, column]) => (
            <li key={name}>
              <span class="quiet">{plain(name)}</span> <Values change={change} name={name} column={column} />
            </li>
          ))}
        </ul>
      </div>
    </li>
  )
}

function Values(props: { change: Change; name: string; column: Column }) {
  const { op, table } = props.change
  const { before, after } = props.column
  const said = (value: Column['after']) => {
    const text = readable(table, props.name, value)
    return text === value ? quoted(value) : text
  }
  if (op === 'delete') return <s>{said(before ?? after)}</s>
  if (before === after || (op === 'insert' && before === null)) return <b>{said(after)}</b>
  return (
    <>
      <s>{said(before)}</s> <Icon name="update" class="becomes" />
      <span class="hidden"> becomes </span> <b>{said(after)}</b>
    </>
  )
}

const nameOf = ({ table, key, op, columns }: Change) => JSON.stringify([table, key, op, columns])
