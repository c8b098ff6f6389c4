import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { spreadsheetId } from '../../../sync/protocol/spreadsheet-id.ts'
import { announce } from '../data/announce.ts'
import { refresh } from '../data/reads.ts'
import { isSheetPath, type LinkInput, putLink } from '../data/sheets.ts'
import { capital } from '../format.ts'
import { Facts } from '../parts/notice.tsx'
import { POLICIES, policyOf, sheetName } from './words.ts'

/** Says which workbook a link keeps in step, how its tabs are called, and what settles a cell that both sides changed. */
export function LinkDialog({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  async function save(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    const answer = await putLink(sheet, inputOf(new FormData(event.currentTarget), sheet))
    setBusy(false)
    if (!answer.ok) return setProblem(answer.problem)
    dialog.current?.close()
    announce(`${sheetName(sheet)} is linked; its next sync reads the workbook`)
    refresh(isSheetPath)
  }

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="link-title" onClose={onClose}>
      <form onSubmit={save}>
        <h2 id="link-title">
          {sheet.spreadsheet_id === null ? 'Link a workbook' : 'Change the link'}: {sheetName(sheet)}
        </h2>
        <label class="field">
          <span class="field-name">Workbook</span>
          <input
            name="spreadsheet"
            autocomplete="off"
            spellcheck={false}
            required
            placeholder="https://docs.google.com/spreadsheets/d/…"
            defaultValue={sheet.spreadsheet_id ?? ''}
            onInput={(event) => check(event.currentTarget)}
          />
          <small>
            Its address, or the long id in it. Share it with Tidemark’s service account as an editor first.
          </small>
        </label>
        <fieldset class="link-tabs">
          <legend>Tabs</legend>
          {sheet.tabs.map(({ table, label, tab }) => (
            <label key={table} class="field">
              <span class="field-name">{label}</span>
              <input name={`tab:${table}`} maxLength={100} autocomplete="off" required defaultValue={tab} />
            </label>
          ))}
          <small>As they are called now. One that is renamed later is found all the same.</small>
        </fieldset>
        <div class="settings-pair">
          <label class="field">
            <span class="field-name">Changed on both sides</span>
            <select name="policy">
              {Object.entries(POLICIES).map(([name, text]) => (
                <option key={name} value={name} selected={name === policyOf(sheet)}>
                  {capital(text)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span class="field-name">Look every … minutes</span>
            <input
              type="number"
              name="minutes"
              min={1}
              max={1440}
              required
              defaultValue={String(sheet.check_minutes)}
            />
          </label>
        </div>
        {problem && (
          <div role="alert" class="dialog-problem">
            <Facts problem={problem} />
          </div>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button is-primary" aria-disabled={isBusy}>
            {isBusy ? 'Saving…' : 'Link it'}
          </button>
        </div>
      </form>
    </dialog>
  )
}

const check = (input: HTMLInputElement) =>
  input.setCustomValidity(
    input.value.trim() === '' || spreadsheetId(input.value) !== null
      ? ''
      : 'Paste the workbook’s address, or its id.',
  )

/** What the form says; a tab that is called as usual is not named. */
function inputOf(form: FormData, { tabs }: Sheet): LinkInput {
  const titles = tabs.map(
    ({ table, label }) => [table, label, String(form.get(`tab:${table}`) ?? '').trim()] as const,
  )
  return {
    spreadsheet_id: spreadsheetId(String(form.get('spreadsheet') ?? '')) ?? '',
    tabs: Object.fromEntries(
      titles.flatMap(([table, label, title]) => (title === label ? [] : [[table, title]])),
    ),
    policy: String(form.get('policy')) as LinkInput['policy'],
    check_minutes: Number(form.get('minutes')),
  }
}
