import { signal } from '@preact/signals'
import { announce } from '../data/announce.ts'
import { isInboxPath } from '../data/inbox.ts'
import { refresh } from '../data/reads.ts'

/** What was settled last on this page, for the line that offers to undo it. */
export const lastSettled = signal<{ readonly id: string; readonly text: string } | null>(null)

/** Conflicts that were settled here: they leave the list at once, before the server is asked again. */
export const gone = signal<ReadonlySet<string>>(new Set())

/** Conflicts that were settled on this page. `text` is told, and stands beside the undo. */
export function noteSettled(ids: readonly string[], text: string): void {
  gone.value = new Set([...gone.peek(), ...ids])
  const [only] = ids
  lastSettled.value = ids.length === 1 && only !== undefined ? { id: only, text } : null
  announce(text)
  refresh(isInboxPath)
}

/** Something was undone: whatever was settled may be open again. */
export function noteUndone(text: string): void {
  gone.value = new Set()
  lastSettled.value = null
  announce(text)
  refresh(isInboxPath)
}
