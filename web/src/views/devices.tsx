import { useEffect } from 'preact/hooks'
import { isDevicesPath } from '../data/devices.ts'
import { refresh } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { Log } from '../devices/log.tsx'
import { Network } from '../devices/network.tsx'
import { Settings } from '../devices/settings.tsx'
import { SettingsHistory } from '../devices/settings-history.tsx'
import { Standing } from '../devices/standing.tsx'
import { SyncDevices } from '../devices/sync-devices.tsx'
import { Heading } from '../parts/heading.tsx'
import { Empty } from '../parts/notice.tsx'
import '../style/devices.css'

/** How often the page looks which devices are there, in milliseconds. */
const READ = 15_000

/** The devices that keep the collections: which are there, what their syncs came to, and how they sync. */
export function DevicesView() {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && navigator.onLine) refresh(isDevicesPath)
    }, READ)
    return () => clearInterval(timer)
  }, [])
  if (!isAdmin.value)
    return (
      <>
        <Heading title="Devices" />
        <Empty icon="device" title="For admins">
          <p>How all devices sync is an admin’s to see. Yours sync by themselves.</p>
        </Empty>
      </>
    )
  return (
    <>
      <SyncDevices />
      <Standing />
      <h2>Devices</h2>
      <Network />
      <div class="two devices-two">
        <div>
          <h2>Syncs</h2>
          <Log />
        </div>
        <div>
          <h2>Settings</h2>
          <Settings />
          <SettingsHistory />
        </div>
      </div>
    </>
  )
}
