import { html } from 'hono/html'
import { columnLetters } from '../a1.ts'
import type { RecordedCall } from '../front.ts'
import type { Google } from '../google.ts'
import type { Person } from '../person.ts'
import { type Grid, grid } from '../person-http.ts'
import { type SwitchName, switches } from './pages.ts'

type Markup = ReturnType<typeof html>
type Tab = Grid['tabs'][number]

/** Rows shown at once; a sheet of ten thousand would choke the page. */
const pageRows = 200

/** The list of spreadsheets. */
export function renderIndex(files: ReturnType<Person['list']>): string {
  return layout(
    'Spreadsheets',
    html`<main class="index">
      <h1>Spreadsheets</h1>
      <p class="standin">The demo’s stand-in for Google Sheets: an emulator, not Google.</p>
      <ul class="files">
        ${files.map(
          (file) => html`<li>
            <a href="/spreadsheets/d/${encodeURIComponent(file.spreadsheetId)}">${file.title}</a>
            <span>${file.sheets.map((sheet) => sheet.title).join(', ')}</span>
          </li>`,
        )}
      </ul>
      ${files.length === 0 ? html`<p>There are none yet.</p>` : ''}
    </main>`,
  )
}

/** One tab of a spreadsheet, with what can go wrong and the calls beside it. */
export function renderSheet(
  google: Google,
  id: string,
  view: { readonly tab: string | null; readonly from: number },
  isOn: (name: SwitchName) => boolean,
): string {
  const book = grid(google, id)
  const tab =
    book.tabs.find((t) => String(t.sheetId) === view.tab) ?? book.tabs.find((t) => !t.hidden) ?? book.tabs[0]
  if (!tab) return renderIndex(google.person.list())
  return layout(
    book.title,
    html`<header class="top">
        <a class="home" href="/" aria-label="All spreadsheets">▦</a>
        <div>
          <h1>${book.title}</h1>
          <p class="standin">The demo’s stand-in for Google Sheets: an emulator, not Google. Locale ${book.locale}.</p>
        </div>
      </header>
      <main data-spreadsheet="${book.spreadsheetId}" data-tab="${tab.title}">
        <section class="sheet" aria-label="Sheet ${tab.title}">
          <div class="tools" role="toolbar" aria-label="Edit the selected cell or its row">
            <output id="place" aria-live="polite">No cell selected</output>
            <button type="button" data-act="insert">Insert row</button>
            <button type="button" data-act="duplicate">Duplicate row</button>
            <button type="button" data-act="delete">Delete row</button>
            <button type="button" data-act="sort-up">Sort A → Z</button>
            <button type="button" data-act="sort-down">Sort Z → A</button>
            <button type="button" data-act="note">Note</button>
          </div>
          <p id="message" role="alert"></p>
          <div class="scroll" id="grid" tabindex="-1">${table(tab, view.from)}</div>
          ${pager(tab, view.from)}
          <nav class="tabs" id="tabs" aria-label="Tabs">
            ${book.tabs
              .filter((t) => !t.hidden)
              .map(
                (t) =>
                  html`<a href="?tab=${t.sheetId}" ${t === tab ? html`aria-current="page"` : ''}>${t.title}</a>`,
              )}
            <button type="button" data-act="add-tab" aria-label="Add a tab">+</button>
          </nav>
        </section>
        <aside>
          <section aria-labelledby="wrong">
            <h2 id="wrong">What goes wrong</h2>
            <div id="switches">
              ${Object.entries(switches).map(
                ([name, { label }]) =>
                  html`<button type="button" role="switch" data-switch="${name}"
                    aria-checked="${String(isOn(name as SwitchName))}">${label}</button>`,
              )}
            </div>
          </section>
          <section aria-labelledby="recent">
            <h2 id="recent">Recent calls</h2>
            <ol id="calls" class="calls">${recent(google.calls)}</ol>
          </section>
        </aside>
        <dialog id="note" aria-labelledby="note-title">
          <form method="dialog">
            <h2 id="note-title">Note</h2>
            <textarea name="note" rows="4" aria-labelledby="note-title"></textarea>
            <div class="buttons">
              <button value="cancel" formnovalidate>Cancel</button>
              <button value="save" class="main">Save</button>
            </div>
          </form>
        </dialog>
      </main>
      <script type="module" src="/page/grid.js"></script>`,
  )
}

function table(tab: Tab, from: number): Markup {
  const width = Math.min(tab.columnCount, Math.max(6, ...tab.rows.map((row) => row.length + 1)))
  const last = Math.min(tab.rowCount, Math.max(tab.rows.length + 5, 12), from + pageRows - 1)
  const columns = Array.from({ length: width }, (_, i) => i).filter((i) => !tab.hiddenColumns.includes(i))
  const rows = Array.from({ length: Math.max(0, last - from + 1) }, (_, i) => from + i)
  return html`<table>
    <thead>
      <tr>
        <th class="corner"><span class="hidden">Row</span></th>
        ${columns.map((c) => html`<th scope="col">${columnLetters(c)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) => html`<tr>
          <th scope="row">${row}</th>
          ${columns.map((column) => cell(tab, row, column))}
        </tr>`,
      )}
    </tbody>
  </table>`
}

function cell(tab: Tab, row: number, column: number): Markup {
  const found = tab.rows[row - 1]?.[column]
  const text = found?.text ?? ''
  const place = `${columnLetters(column)}${row}`
  const header = row > 1 ? tab.rows[0]?.[column]?.text : undefined
  const numeric = /^[-+(]?[^\p{L}]*\d[^\p{L}]*$/u.test(text)
  const label = `${place}${header ? `, ${header}` : ''}${found?.note ? `, note: ${found.note}` : ''}`
  const classes = [row === 1 ? 'head' : '', numeric ? 'number' : '', found?.note ? 'noted' : '']
  return html`<td class="${classes.filter(Boolean).join(' ')}">
    <input data-cell="${place}" value="${text}" data-entered="${found?.entered ?? ''}" data-note="${found?.note ?? ''}"
      aria-label="${label}" title="${found?.note ?? ''}" autocomplete="off" spellcheck="false">
  </td>`
}

function pager(tab: Tab, from: number): Markup | string {
  if (tab.rows.length <= pageRows) return ''
  const link = (start: number, label: string) =>
    html`<a href="?tab=${tab.sheetId}&from=${start}">${label}</a>`
  return html`<p class="pager">
    Rows ${from} to ${Math.min(from + pageRows - 1, tab.rows.length)} of ${tab.rows.length}
    ${from > 1 ? link(Math.max(1, from - pageRows), 'Earlier rows') : ''}
    ${from + pageRows <= tab.rows.length ? link(from + pageRows, 'Later rows') : ''}
  </p>`
}

function recent(calls: readonly RecordedCall[]): Markup[] | Markup {
  const last = calls.slice(-20).toReversed()
  if (last.length === 0) return html`<li class="none">None yet</li>`
  return last.map((call) => {
    const good = call.outcome === 'answered' && call.status < 400
    const outcome = call.outcome === 'answered' ? String(call.status) : call.outcome
    return html`<li class="${good ? 'good' : 'bad'}">
      <time datetime="${new Date(call.at).toISOString()}">${new Date(call.at).toISOString().slice(11, 19)}</time>
      <span class="api">${call.api}</span>
      <span class="status">${outcome}</span>
      <span class="bytes">${size(call.bytes)}</span>
    </li>`
  })
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function layout(title: string, body: Markup): string {
  return String(
    html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · stand-in for Google Sheets</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/page/grid.css">
  </head>
  <body>${body}</body>
</html>`,
  )
}
