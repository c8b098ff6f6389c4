import { useEffect, useRef } from 'preact/hooks'
import { keysOn, setLetters } from './use-keys.ts'

const KEYS = [
  ['j', 'k', 'Next and previous conflict (or the arrows)'],
  ['Enter', null, 'Open it'],
  ['x', null, 'Select it; shift-click selects a range'],
  ['r', null, 'Rename the local row'],
  ['l', null, 'Keep the local edit'],
  ['h', null, 'Keep what stands here'],
  ['m', null, 'Merge by hand'],
  ['u', null, 'Undo the last one'],
  ['?', null, 'These keys'],
] as const

/** What the keys do, and a way to be rid of them. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">Keys</h2>
      <dl class="keys-list">
        {KEYS.map(([key, other, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd> {other && <kbd>{other}</kbd>}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(event) => setLetters(event.currentTarget.checked)}
        />
        <span>Use letters as keys</span>
      </label>
      <div class="dialog-actions">
        <button type="button" class="button is-primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  )
}
