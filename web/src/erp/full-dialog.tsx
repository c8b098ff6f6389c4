import { useEffect, useRef } from 'preact/hooks'
import { exact } from '../format.ts'

/** Asks before a list is read whole: that may keep the ERP busy for long. `rows`: how many it showed last. */
export function FullDialog(props: {
  name: string
  rows: number
  onConfirm: () => void
  onClose: () => void
}) {
  const { name, rows } = props
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="full-title" onClose={props.onClose}>
      <h2 id="full-title">Read everything: {name}</h2>
      <p>
        All pages are read again{rows > 0 && ` (${exact(rows)} rows the last time)`}, also where nothing has
        changed. That may take long, and other lists wait meanwhile. Orders don’t: the run pauses for them.
      </p>
      <p class="quiet">A refresh asks the ERP what has changed, and reads only that.</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          class="button is-primary"
          onClick={() => {
            dialog.current?.close()
            props.onConfirm()
          }}
        >
          Read everything
        </button>
      </div>
    </dialog>
  )
}
