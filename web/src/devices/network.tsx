import { getNetwork } from '../data/devices.ts'
import { useRead } from '../data/reads.ts'
import { duration } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'

/** Every paired device: whether it is there, and when it was last heard of. */
export function Network() {
  const held = useRead(getNetwork)
  return (
    <Shown held={held} skeleton={<Lines n={3} height={3} />}>
      {({ devices }) =>
        devices.length === 0 ? (
          <Empty icon="device" title="No device is paired yet">
            <p>
              <a href="/pair/laptop">Pair a laptop</a> or <a href="/pair/phone">a phone</a>, and it appears
              here.
            </p>
          </Empty>
        ) : (
          <ul class="rows devices">
            {devices.map(({ id, name, user, is_online, last_check, check_interval_seconds }) => (
              <li key={id} class="device">
                <span class={`badge tone-${is_online ? 'good' : 'quiet'}`}>
                  <Icon name={is_online ? 'live' : 'offline'} />
                  {is_online ? 'On line' : 'Away'}
                </span>
                <span class="row-main">
                  <span class="row-title">
                    {name} {user && <span class="quiet">of {user}</span>}
                  </span>
                  <span class="quiet">
                    {last_check ? (
                      <>
                        Last heard <Ago time={last_check} />
                      </>
                    ) : (
                      'Never heard'
                    )}
                    {`, looks every ${duration(check_interval_seconds * 1000)}`}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        )
      }
    </Shown>
  )
}
