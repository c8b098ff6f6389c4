import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { announce } from '../data/announce.ts'
import { isDevicesPath, type SyncOutcome, syncDevices } from '../data/devices.ts'
import { refresh } from '../data/reads.ts'
import { count } from '../format.ts'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icons.tsx'
import { Facts, Notice } from '../parts/notice.tsx'
import { countsText } from './counts.ts'

/** Asks every device that is there to sync now, and says what it came to. */
export function SyncDevices() {
  const [isBusy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<SyncOutcome | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)

  async function start() {
    if (isBusy) return
    setBusy(true)
    setOutcome(null)
    setProblem(null)
    announce('Devices are asked to sync')
    const answer = await syncDevices()
    setBusy(false)
    if (answer.ok) {
      setOutcome(answer.value)
      announce(titleOf(answer.value))
    } else setProblem(answer.problem)
    refresh(isDevicesPath)
  }

  return (
    <>
      <div class="title-row">
        <Heading title="Devices" />
        <button type="button" class="button is-primary is-large" aria-disabled={isBusy} onClick={start}>
          <Icon name="sync" class={isBusy ? 'spin' : ''} />
          {isBusy ? 'Devices sync…' : 'Sync all devices now'}
        </button>
      </div>
      {isBusy && (
        <div class="page-bar is-endless" role="progressbar" aria-label="Waiting for the devices">
          <span />
        </div>
      )}
      {problem && (
        <Notice tone="bad" title="The sync did not start" onDismiss={() => setProblem(null)}>
          <Facts problem={problem} />
        </Notice>
      )}
      {outcome && (
        <Notice tone={toneOf(outcome)} title={titleOf(outcome)} onDismiss={() => setOutcome(null)}>
          <p>{countsText(outcome)}</p>
          <ul class="results">
            {outcome.devices
              .filter(({ status }) => status !== 'completed')
              .map(({ name, status, error }) => (
                <li key={name}>
                  {name}:{' '}
                  {status === 'failed'
                    ? (error ?? 'its sync failed')
                    : 'still syncs; the list below will have it'}
                </li>
              ))}
          </ul>
        </Notice>
      )}
    </>
  )
}

function titleOf({ devices }: SyncOutcome): string {
  if (devices.length === 0) return 'No device is on line; each syncs when it is back'
  const done = devices.filter(({ status }) => status === 'completed').length
  return `${done} of ${count(devices.length, 'device')} synced`
}

const toneOf = ({ devices }: SyncOutcome) =>
  devices.some(({ status }) => status === 'failed')
    ? 'bad'
    : devices.some(({ status }) => status === 'waiting')
      ? 'busy'
      : devices.length === 0
        ? 'quiet'
        : 'good'
