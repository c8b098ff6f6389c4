import { useState } from 'preact/hooks'
import { isFigure, readable } from '../../../sync/protocol/reference-values.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { useRead } from '../data/reads.ts'
import { getReferenceRows, type ReferenceRow, type Tab } from '../data/sheets.ts'
import { capital, exact } from '../format.ts'
import { plain } from '../inbox/words.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'

/** The rows of the reference tables as programs read them; each leads to where its values came from. */
export function Rows({ sheet }: { sheet: Sheet }) {
  const [table, setTable] = useState(sheet.tabs[0]?.table ?? '')
  const tab = sheet.tabs.find((one) => one.table === table)
  return (
    <section class="panel" aria-labelledby="rows">
      <h2 id="rows">What programs read</h2>
      <fieldset class="segments">
        <legend class="hidden">Table</legend>
        {sheet.tabs.map((one) => (
          <label key={one.table}>
            <input
              type="radio"
              name="table"
              checked={one.table === table}
              onChange={() => setTable(one.table)}
            />
            <span class="segment-text">{one.label}</span>
          </label>
        ))}
      </fieldset>
      {tab && <Table key={tab.table} tab={tab} />}
    </section>
  )
}

function Table({ tab }: { tab: Tab }) {
  const held = useRead(getReferenceRows(tab.table))
  return (
    <Shown held={held} skeleton={<Lines n={6} height={2} />}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty icon="sheet" title="No rows yet">
            <p>They come with the first sync of the tab {tab.tab}.</p>
          </Empty>
        ) : (
          <Grid tab={tab} rows={rows} />
        )
      }
    </Shown>
  )
}

/** Bookkeeping of a row: told at its end, in words. */
const METADATA = new Set(['id', 'last_synced_at', 'last_modified_at', 'source', 'sync_status', 'version'])

function Grid({ tab, rows }: { tab: Tab; rows: readonly ReferenceRow[] }) {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => !METADATA.has(column))
  const withIds = tab.table === 'employee_settings'
  return (
    <section class="sheet-scroll" aria-label={`Rows of ${tab.label}`}>
      <table class="sheet-rows">
        <thead>
          <tr>
            {withIds && <th scope="col">Id</th>}
            {columns.map((column) => (
              <th key={column} scope="col" class={isFigure(tab.table, column) ? 'number' : ''}>
                {capital(plain(column))}
              </th>
            ))}
            <th scope="col">Changed last</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {withIds && <td>{row.id}</td>}
              {columns.map((column) => (
                <td key={column} class={isFigure(tab.table, column) ? 'number' : ''}>
                  {shown(tab.table, column, (row as Record<string, string | number | null>)[column] ?? null)}
                </td>
              ))}
              <td>
                <a href={`/history/${tab.table}/${encodeURIComponent(row.id)}`}>
                  {row.source === 'sheets' ? 'in the sheet' : 'in Tidemark'}
                  <span class="hidden"> (why {row.id} is as it is)</span>
                </a>
                {row.sync_status !== 'synced' && (
                  <span class={`sheet-mark ${row.sync_status === 'conflict' ? 'tone-warn' : 'tone-busy'}`}>
                    <Icon name={row.sync_status === 'conflict' ? 'conflict' : 'queued'} />{' '}
                    {row.sync_status === 'conflict' ? 'a question is open' : 'on its way to the sheet'}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** As people read it; an end that is open is said. */
function shown(table: string, column: string, value: string | number | null): string {
  if (value === null) return /_to$|^max_/.test(column) ? 'no end' : '–'
  const text = readable(table, column, value)
  return typeof text === 'number' ? exact(text) : (text ?? '–')
}
