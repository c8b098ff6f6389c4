import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { announce } from '../data/announce.ts'
import { deletePin, putPin } from '../data/api.ts'
import { refresh } from '../data/reads.ts'
import { exact } from '../format.ts'
import { nameOf } from './accounts-order.ts'
import { Facts } from './notice.tsx'

export interface PinTask {
  readonly type: 'pin' | 'release'
  readonly metric: MetricName
}

/** Sets, changes or releases a pin. The dialog keeps what was typed when the server refuses it. */
export function PinDialog({
  account,
  task,
  onClose,
}: {
  account: Account
  task: PinTask
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    const answer =
      task.type === 'release'
        ? await deletePin(account.id, task.metric)
        : await putPin(account.id, task.metric, inputOf(form))
    setBusy(false)
    if (!answer.ok) return setProblem(answer.problem)
    dialog.current?.close()
    announce(task.type === 'release' ? `The pin on ${task.metric} is released` : `${task.metric} is pinned`)
    refresh()
  }

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="pin-title" onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id="pin-title">
          {task.type === 'release' ? 'Release' : 'Pin'} {task.metric} of {nameOf(account)}
        </h2>
        {task.type === 'release' ? (
          <ReleaseText account={account} metric={task.metric} />
        ) : (
          <PinFields {...{ account, task }} />
        )}
        {problem && (
          <div role="alert" class="dialog-problem">
            <Facts problem={problem} />
          </div>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button is-primary" disabled={isBusy}>
            {isBusy ? 'Saving…' : task.type === 'release' ? 'Release the pin' : 'Pin'}
          </button>
        </div>
      </form>
    </dialog>
  )
}

function PinFields({ account, task }: { account: Account; task: PinTask }) {
  const pin = account.pins.find((candidate) => candidate.column === task.metric)
  const soonest = new Date(Date.now() + 60_000)
  return (
    <>
      <p class="quiet">No rule moves a pinned number: not the sheet, not a parser. Only its release does.</p>
      <label class="field">
        <span class="field-name">Value</span>
        <input
          name="value"
          inputmode="numeric"
          autocomplete="off"
          required
          defaultValue={String(account[task.metric] ?? '')}
          onInput={(event) => checkValue(event.currentTarget)}
        />
        <small>Now {exact(account[task.metric])}</small>
      </label>
      <label class="field">
        <span class="field-name">Note</span>
        <input name="note" maxLength={500} autocomplete="off" defaultValue={pin?.note ?? ''} />
        <small>Why, for whoever asks later</small>
      </label>
      <label class="field">
        <span class="field-name">Until (optional)</span>
        <input
          type="datetime-local"
          name="until"
          min={localTime(soonest)}
          defaultValue={pin?.until ? localTime(new Date(pin.until)) : ''}
        />
        <small>Empty: until it is released</small>
      </label>
    </>
  )
}

function ReleaseText({ account, metric }: { account: Account; metric: MetricName }) {
  return (
    <p>
      {nameOf(account)} keeps {exact(account[metric])} {metric} for now. The next run merges again: the
      largest of sheet, parsers and what is stored wins.
    </p>
  )
}

/** Digits, with the separators that people put between them. */
function numberOf(text: string): number | null {
  const digits = text.replace(/(?<=\d)[,\u00a0\u202f' ](?=\d{3})/g, '').trim()
  const value = Number(digits)
  return /^\d+$/.test(digits) && Number.isSafeInteger(value) ? value : null
}

const checkValue = (input: HTMLInputElement) =>
  input.setCustomValidity(numberOf(input.value) === null ? 'A whole number, like 12,345' : '')

function inputOf(form: FormData) {
  const until = String(form.get('until') ?? '')
  return {
    value: numberOf(String(form.get('value'))) ?? 0,
    note: String(form.get('note') ?? '').trim(),
    ...(until ? { until: new Date(until).toISOString() } : {}),
  }
}

/** As datetime-local wants it, in the reader's time zone. */
function localTime(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
