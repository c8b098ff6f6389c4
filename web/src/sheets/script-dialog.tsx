import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import type { Held } from '../data/reads.ts'
import { askScript } from '../data/sheets.ts'
import { Failure } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { sheetName } from './words.ts'

type Script = Extract<Awaited<ReturnType<typeof askScript>>, { ok: true }>['value']

/** How a workbook tells at once that somebody edited it: a script to paste, and the secret that signs its pings. */
export function ScriptDialog({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [held, setHeld] = useState<Held<Script>>({})
  const ask = useCallback(async () => {
    setHeld({})
    const answer = await askScript(sheet.name)
    setHeld(answer.ok ? { value: answer.value } : { problem: answer.problem })
  }, [sheet.name])
  useEffect(() => {
    dialog.current?.showModal()
    void ask()
  }, [ask])
  return (
    <dialog ref={dialog} class="dialog is-wide" aria-labelledby="script-title" onClose={onClose}>
      <h2 id="script-title">Instant sync: {sheetName(sheet)}</h2>
      <p>
        Without it, an edit in the sheet is here within {sheet.check_minutes} minutes. With this script in the
        workbook, within seconds.
      </p>
      {held.problem ? (
        <Failure problem={held.problem} onRetry={ask} />
      ) : (
        <Shown held={held} skeleton={<Lines n={8} />}>
          {({ instructions, script, property, secret }) => (
            <>
              <ol class="script-steps">
                {instructions.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
              <Copied name="The script" text={script} isLong />
              <Copied name={`The secret, for ${property}`} text={secret} />
            </>
          )}
        </Shown>
      )}
      <div class="dialog-actions">
        <button type="button" class="button is-primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  )
}

/** A text to take along. */
function Copied({ name, text, isLong }: { name: string; text: string; isLong?: true }) {
  const [said, setSaid] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  async function copy() {
    // Plain HTTP has no clipboard: the text is then selected, for a person to copy.
    field.current?.select()
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('Selected: copy it with the keyboard')
    }
  }
  return (
    <div class="script-copy">
      <label class="field">
        <span class="field-name">{name}</span>
        <textarea
          ref={field}
          class="script-text"
          rows={isLong ? 10 : 1}
          readOnly
          spellcheck={false}
          value={text}
        />
      </label>
      <p>
        <button type="button" class="button" onClick={copy}>
          Copy<span class="hidden"> {name.toLowerCase()}</span>
        </button>{' '}
        <span class="quiet" role="status">
          {said}
        </span>
      </p>
    </div>
  )
}
