import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { HistoryEntry } from '../../../sync/protocol/records.ts'
import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { getMore } from '../data/api.ts'
import { exact } from '../format.ts'
import { ChangeLine } from './history-line.tsx'
import { Empty, Failure } from './notice.tsx'

/** The changes of one row, newest first; those of one metric, or all. `next`: the address of older ones. */
export function HistoryList(props: {
  entries: readonly HistoryEntry[]
  next: string | null
  account: Account
  metric: MetricName
}) {
  const { metric, account } = props
  const [isAll, setAll] = useState(false)
  const [older, setOlder] = useState<{ entries: readonly HistoryEntry[]; next: string | null } | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const seen = new Set(props.entries.map((entry) => entry.version))
  const entries = [...props.entries, ...(older?.entries ?? []).filter((entry) => !seen.has(entry.version))]
  const lines = entries.flatMap((entry) =>
    entry.changes
      .filter((change) => isAll || change.column === metric)
      .map((change, i) => ({ entry, change, key: `${entry.version}.${entry.op}.${change.column}.${i}` })),
  )
  const next = older ? older.next : props.next

  async function more() {
    if (!next) return
    const answer = await getMore<HistoryEntry>(next).load()
    setProblem(answer.ok ? null : answer.problem)
    if (answer.ok) setOlder({ entries: [...(older?.entries ?? []), ...answer.value], next: answer.next })
  }

  return (
    <>
      <label class="check">
        <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} />
        <span>All columns of the row</span>
      </label>
      {lines.length === 0 ? (
        <Empty icon="queued" title="Nothing is recorded here">
          <p>
            {account[metric] === null
              ? `Nobody ever said a number of ${metric} for this account.`
              : `${exact(account[metric])} is older than the history that is kept.`}
          </p>
        </Empty>
      ) : (
        <ol class="history">
          {lines.map(({ entry, change, key }) => (
            <ChangeLine key={key} entry={entry} change={change} named={isAll} />
          ))}
        </ol>
      )}
      {problem && <Failure problem={problem} />}
      {next && (
        <button type="button" class="button" onClick={more}>
          Older changes
        </button>
      )}
    </>
  )
}
