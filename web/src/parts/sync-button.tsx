import { isAdmin } from '../data/session.ts'
import { syncing, syncNow } from '../data/sync.ts'
import { Icon } from './icons.tsx'

/** Asks for a sync of one project, or of all (`project` null). Shown to those who may. */
export function SyncButton(props: { project: string | null; name?: string; isLarge?: boolean }) {
  if (!isAdmin.value) return null
  const request = syncing.value
  const isMine = request !== null && request.project === props.project
  return (
    <button
      type="button"
      class={`button sync-button ${props.isLarge ? 'is-primary is-large' : ''}`}
      aria-disabled={request !== null}
      onClick={() => syncNow(props.project)}
    >
      <Icon name="sync" class={isMine ? 'spin' : ''} />
      {isMine ? 'Syncing…' : props.isLarge ? 'Sync now' : 'Sync'}
      {props.name && <span class="hidden"> {props.name}</span>}
    </button>
  )
}
