import type { SyncLog } from '../data/devices.ts'
import { exact } from '../format.ts'

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

/** `12 sent, 3 received, 1 conflict`; where nothing moved it says so. */
export function countsText({
  localToRemote,
  remoteToLocal,
  conflicts,
}: Pick<SyncLog, 'localToRemote' | 'remoteToLocal' | 'conflicts'>): string {
  const [sent, received, disputed] = [sum(localToRemote), sum(remoteToLocal), sum(conflicts)]
  if (sent + received + disputed === 0) return 'Nothing had changed'
  return [
    sent > 0 && `${exact(sent)} sent`,
    received > 0 && `${exact(received)} received`,
    disputed > 0 && `${exact(disputed)} ${disputed === 1 ? 'conflict' : 'conflicts'}`,
  ]
    .filter(Boolean)
    .join(', ')
}
