import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { announce } from '../data/announce.ts'
import { getRun } from '../data/api.ts'
import { refresh } from '../data/reads.ts'
import { learn } from '../data/runs.ts'
import { isSheetPath, startSheetSync } from '../data/sheets.ts'
import { Icon } from '../parts/icons.tsx'
import { Facts } from '../parts/notice.tsx'
import { sheetName } from './words.ts'

const SAID = { queued: 'A sync is queued', joined: 'One that waits already does this' } as const

/** Brings a workbook in step now, or reads all of it whatever Google says of changes. */
export function SyncActions({ sheet }: { sheet: Sheet }) {
  const [busy, setBusy] = useState<'now' | 'full' | null>(null)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const name = sheetName(sheet)

  async function start(full: boolean) {
    if (busy) return
    setBusy(full ? 'full' : 'now')
    setProblem(null)
    setSaid('')
    const answer = await startSheetSync(sheet.name, full)
    setBusy(null)
    if (!answer.ok) {
      setProblem(answer.problem)
      announce(`${name}: ${answer.problem.title}`)
      return
    }
    setSaid(SAID[answer.value.answer])
    announce(`${name}: ${SAID[answer.value.answer]}`)
    // The socket tells how it goes on; it may be over before that is open.
    const run = await getRun(answer.value.run_id).load()
    if (run.ok) learn([run.value])
    refresh(isSheetPath)
  }

  const hidden = <span class="hidden"> {name}</span>
  return (
    <>
      <button
        type="button"
        class="button is-primary"
        aria-disabled={busy !== null}
        onClick={() => start(false)}
      >
        <Icon name="sync" class={busy === 'now' ? 'spin' : ''} />
        Sync now
        {hidden}
      </button>
      <button type="button" class="button" aria-disabled={busy !== null} onClick={() => start(true)}>
        {busy === 'full' ? 'Asking…' : 'Read everything'}
        {hidden}
      </button>
      {said && <span class="quiet">{said}</span>}
      {problem && (
        <div role="alert" class="dialog-problem">
          <Facts problem={problem} />
        </div>
      )}
    </>
  )
}
