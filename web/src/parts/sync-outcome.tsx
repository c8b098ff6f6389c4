import { useEffect } from 'preact/hooks'
import type { ProjectResult, SmartSyncAnswer } from '../../../sync/protocol/smart-sync.ts'
import { announce } from '../data/announce.ts'
import { isActive, knownRun } from '../data/runs.ts'
import { outcome, type SyncOutcome } from '../data/sync.ts'
import { count } from '../format.ts'
import { Facts, Notice } from './notice.tsx'

const dismiss = () => {
  outcome.value = null
}

/** How the last "Sync now" ended: in one line, and a line for each project that needs a look. */
export function SyncResult() {
  const last = outcome.value
  const text = last ? titleOf(last) : ''
  useEffect(() => {
    if (text) announce(text)
  }, [text])
  if (!last) return null
  if (last.type === 'refused')
    return (
      <Notice tone="bad" title={text} onDismiss={dismiss}>
        <Facts problem={last.problem} />
      </Notice>
    )
  if (last.type === 'goes-on')
    return (
      <Notice tone={isOver(last.runIds) ? 'good' : 'busy'} title={text} onDismiss={dismiss}>
        <p>
          {last.runIds.map((id, i) => (
            <a key={id} href={`/runs/${id}`}>
              {last.runIds.length === 1 ? 'See the run' : `Run ${i + 1} `}
            </a>
          ))}
        </p>
      </Notice>
    )
  // Why the sheet could not be read stands on the page already, once.
  const worth = last.answer.results.filter((result) => !result.success || result.warnings.length > 0)
  return (
    <Notice tone={toneOf(last.answer)} title={text} onDismiss={dismiss}>
      {worth.length > 0 && (
        <ul class="results">
          {worth.map((result) => (
            <ResultLine key={result.project_id} result={result} />
          ))}
        </ul>
      )}
    </Notice>
  )
}

function ResultLine({ result }: { result: ProjectResult }) {
  return (
    <li>
      <a href={`/projects/${result.project_id}`}>{result.project_name}</a>
      {': '}
      {result.success
        ? count(result.warnings.length, 'warning')
        : `${result.error ?? ''} ${result.mend ?? ''}`}
    </li>
  )
}

function titleOf(last: SyncOutcome): string {
  if (last.type === 'refused') return 'The sync did not start'
  if (last.type === 'goes-on')
    return isOver(last.runIds) ? 'The sync is over' : 'The sync goes on by itself; you may leave this page'
  const { total_projects, success_count, results } = last.answer
  const updated = results.reduce((sum, result) => sum + result.updated_count, 0)
  const changed = updated === 0 ? 'nothing had changed' : `${count(updated, 'account')} updated`
  const degraded = results.filter((result) => result.degraded).length
  const without = degraded > 0 ? `, ${degraded} without the sheet` : ''
  return `${success_count} of ${count(total_projects, 'project')} synced${without}: ${changed}`
}

function toneOf(answer: SmartSyncAnswer): 'good' | 'warn' | 'bad' {
  if (answer.error_count > 0) return 'bad'
  return answer.results.some((result) => result.degraded) ? 'warn' : 'good'
}

const isOver = (ids: readonly string[]) =>
  ids.every((id) => {
    const run = knownRun(id)
    return run !== undefined && !isActive(run)
  })
