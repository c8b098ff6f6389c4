import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { dateTime, exact, scalar } from '../format.ts'
import { Icon } from './icons.tsx'
import type { PinTask } from './pin-dialog.tsx'
import { Ago } from './time.tsx'

/** Whether a person has fixed this metric, and the way to do or undo that. */
export function PinPanel(props: { account: Account; metric: MetricName; onTask: (task: PinTask) => void }) {
  const { account, metric } = props
  const pin = account.pins.find((candidate) => candidate.column === metric)
  if (!pin)
    return (
      <div class="pin-panel">
        <p class="quiet">
          Merged by rule: the largest of sheet, parsers and what is stored. A pin fixes the number until it is
          released.
        </p>
        <button type="button" class="button" onClick={() => props.onTask({ type: 'pin', metric })}>
          <Icon name="pin" />
          Pin {metric}
        </button>
      </div>
    )
  return (
    <div class="pin-panel is-pinned">
      <div>
        <p>
          <Icon name="pin" />{' '}
          <strong>Pinned to {typeof pin.value === 'number' ? exact(pin.value) : scalar(pin.value)}</strong> by{' '}
          {pin.by}, <Ago time={pin.at} />
          {pin.until ? `, until ${dateTime(pin.until)}` : ', until it is released'}
        </p>
        {pin.note && <p class="quiet">“{pin.note}”</p>}
        {pin.source !== 'api' && (
          <p class="quiet">
            Set in the remote ({pin.source}). Take its mark away there too, or a later run sets it again.
          </p>
        )}
      </div>
      <div class="pin-actions">
        <button type="button" class="button" onClick={() => props.onTask({ type: 'pin', metric })}>
          Change
        </button>
        <button type="button" class="button" onClick={() => props.onTask({ type: 'release', metric })}>
          Release
        </button>
      </div>
    </div>
  )
}
