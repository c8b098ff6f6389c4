import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Started, SyncInput } from '../../../sync/protocol/erp.ts'
import { announce } from '../data/announce.ts'
import { getErpStatus, startErpSync } from '../data/erp.ts'
import { refresh } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { capital, count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Facts } from '../parts/notice.tsx'
import { FullDialog } from './full-dialog.tsx'

/** Brings a list up to date, or reads it whole, once that is confirmed. `users`: whose; null: the list is shared. */
export function SyncActions(props: {
  system: string
  name: string
  users: readonly string[] | null
  /** That the list showed last */
  rows: number
  isSmall?: boolean
}) {
  const { name, users, rows, isSmall } = props
  const [busy, setBusy] = useState<'refresh' | 'full' | null>(null)
  const [isAsking, setAsking] = useState(false)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  // Asking for all of many users at once would fill the ERP's day; each has a button of his own.
  const mayReadAll = isAdmin.value && (users?.length ?? 1) === 1

  async function start(full: boolean) {
    if (busy) return
    setBusy(full ? 'full' : 'refresh')
    setProblem(null)
    setSaid('')
    const started: Started['started'] = []
    for (const user of users ?? [null]) {
      const answer = await startErpSync({
        system: props.system as SyncInput['system'],
        full,
        ...(user === null ? {} : { user_id: user }),
      })
      if (!answer.ok) {
        setProblem(answer.problem)
        announce(`${name}: ${answer.problem.title}`)
        break
      }
      started.push(...answer.value.started)
    }
    setBusy(null)
    if (started.length > 0) {
      const words = startedInWords(started)
      setSaid(words)
      announce(`${name}: ${words}`)
    }
    refresh((path) => path === getErpStatus.path)
  }

  const named = <span class="hidden"> {name}</span>
  return (
    <>
      <div class={`erp-actions ${isSmall ? 'is-small' : ''}`}>
        <button type="button" class="button" aria-disabled={busy !== null} onClick={() => start(false)}>
          <Icon name="sync" class={busy === 'refresh' ? 'spin' : ''} />
          {users && users.length > 1 ? 'Refresh all' : 'Refresh'}
          {named}
        </button>
        {mayReadAll && (
          <button
            type="button"
            class="button is-plain"
            aria-disabled={busy !== null}
            aria-haspopup="dialog"
            onClick={() => setAsking(busy === null)}
          >
            {busy === 'full' ? 'Asking…' : 'Read everything'}
            {named}
          </button>
        )}
        {said && <span class="quiet">{capital(said)}</span>}
        {problem && (
          <div role="alert" class="dialog-problem">
            <Facts problem={problem} />
          </div>
        )}
      </div>
      {isAsking && (
        <FullDialog name={name} rows={rows} onConfirm={() => start(true)} onClose={() => setAsking(false)} />
      )}
    </>
  )
}

/** `queued`, `joined one that waits`, or why not; of several their numbers. */
function startedInWords(started: Started['started']): string {
  const [only] = started
  if (only && started.length === 1)
    return only.answer === 'queued'
      ? 'queued'
      : only.answer === 'joined'
        ? 'one that waits already does this'
        : `not needed: ${only.reason ?? 'it is up to date'}`
  const of = (answer: string) => started.filter((one) => one.answer === answer).length
  return [
    of('queued') > 0 && `${of('queued')} queued`,
    of('joined') > 0 && `${of('joined')} wait already`,
    of('skipped') > 0 && `${count(of('skipped'), 'list')} not needed`,
  ]
    .filter(Boolean)
    .join(', ')
}
