import type { ComponentChildren } from 'preact'
import type { HistoryEntry } from '../../../sync/protocol/records.ts'
import { scalar } from '../format.ts'
import { Icon, type IconName } from './icons.tsx'
import { When } from './time.tsx'

type ColumnChange = HistoryEntry['changes'][number]

const ICONS = {
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  refuse: 'refuse',
  pin: 'pin',
  unpin: 'pin',
  resolve: 'done',
  reopen: 'conflict',
} as const satisfies Record<HistoryEntry['op'], IconName>

/** What happened to one value: to what, from where, by which rule, who, when, in which run, and what it replaced. */
export function ChangeLine(props: { entry: HistoryEntry; change: ColumnChange; named: boolean }) {
  const { entry, change } = props
  return (
    <li class={`op-${entry.op}`}>
      <span class="op">
        <Icon name={ICONS[entry.op]} />
      </span>
      <div>
        <p class="what">
          {props.named && <span class="column">{change.column}</span>} {what(entry.op, change)}
        </p>
        <p class="quiet">
          <When time={entry.at} />
          {change.origin && (
            <>
              {' '}
              · from <span class="origin">{change.origin}</span>
            </>
          )}
          {change.rule && (
            <>
              {' '}
              · rule <span class="rule">{change.rule}</span>
            </>
          )}{' '}
          · by {entry.actor}
          {entry.run_id && (
            <>
              {' '}
              · <a href={`/runs/${entry.run_id}`}>its run</a>
            </>
          )}
        </p>
      </div>
    </li>
  )
}

function what(op: HistoryEntry['op'], { before, after }: ColumnChange): ComponentChildren {
  const value = (of: ColumnChange['before']) => <strong class="value">{scalar(of)}</strong>
  if (op === 'refuse') return <>{value(after)} was proposed and not taken</>
  if (op === 'pin') return <>Pinned to {value(after)}</>
  if (op === 'unpin') return <>Released from its pin on {value(before)}</>
  if (op === 'delete') return <>Deleted; it was {value(before)}</>
  if (op === 'insert' || before === null) return <>{value(after)}, the first value</>
  return (
    <>
      {value(after)} <span class="replaced">replaced {scalar(before)}</span>
    </>
  )
}
