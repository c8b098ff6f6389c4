import { useState } from 'preact/hooks'
import { isAdmin } from '../data/session.ts'
import { Notice } from '../parts/notice.tsx'
import { awaited, useFocusAfter } from './focus.ts'
import { lastSettled } from './settled.ts'
import { UndoDialog } from './undo-dialog.tsx'

/** What was settled last, and the way back. */
export function SettledNotice() {
  const [undoing, setUndoing] = useState<{ readonly id: string; readonly text: string } | null>(null)
  const focusAfter = useFocusAfter(undoing !== null)
  const last = lastSettled.value
  return (
    <div class="settled-line">
      {last && (
        <Notice
          tone="good"
          title={last.text}
          onDismiss={() => {
            lastSettled.value = null
          }}
        >
          {isAdmin.value && (
            <button type="button" class="button" data-undo onClick={() => setUndoing(last)}>
              Undo
            </button>
          )}
        </Notice>
      )}
      {undoing && (
        <UndoDialog
          what={{ conflict: undoing.id }}
          title={undoing.text.replace(/^Settled: /, 'Undo: ')}
          onDone={() => {
            focusAfter(undoing.id)
            // Who settled it by keys goes on there.
            awaited.value = undoing.id
          }}
          onClose={() => setUndoing(null)}
        />
      )}
    </div>
  )
}
