import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { useRead } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { getSheets, getStatistics, REFERENCE } from '../data/sheets.ts'
import { useSheetsLive } from '../data/sheets-live.ts'
import { Heading } from '../parts/heading.tsx'
import { Empty, Failure } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Forecast } from '../sheets/forecast.tsx'
import { Rows } from '../sheets/rows.tsx'
import { Workbook } from '../sheets/workbook.tsx'
import '../style/inbox.css'
import '../style/sheets.css'

/** Workbooks that are kept in step both ways, what they ask of Google, and the rows that programs read. Live. */
export function SheetsView() {
  const held = useRead(getSheets)
  const counted = useRead(getStatistics)
  useSheetsLive(held.value)
  return (
    <>
      <Heading title="Sheets" />
      <p class="quiet under-title">
        Tables that people keep in a workbook, and programs read and write here. Each cell goes both ways.
      </p>
      {counted.problem && !counted.value && held.value && (
        <Failure problem={counted.problem} title="The numbers of the syncs could not be read" />
      )}
      <Shown held={held} skeleton={<Skeleton />}>
        {(sheets) =>
          sheets.length === 0 ? (
            <Empty icon="sheet" title="No table is kept in a sheet">
              <p>A table is linked with one line in its declaration; its workbook is then named here.</p>
            </Empty>
          ) : (
            <>
              <div class="sheet-cards">
                {linkedFirst(sheets).map((sheet) => (
                  <Workbook
                    key={sheet.name}
                    sheet={sheet}
                    statistics={counted.value?.link === sheet.link ? counted.value.tables : []}
                  />
                ))}
              </div>
              {isAdmin.value && <Forecast />}
              {sheets
                .filter(({ name, spreadsheet_id }) => name === REFERENCE && spreadsheet_id !== null)
                .map((sheet) => (
                  <Rows key={sheet.name} sheet={sheet} />
                ))}
            </>
          )
        }
      </Shown>
    </>
  )
}

function Skeleton() {
  return (
    <div class="sheet-cards">
      <div class="card sheet-card">
        <Lines n={12} />
      </div>
    </div>
  )
}

const linkedFirst = (sheets: readonly Sheet[]) =>
  [...sheets].sort((a, b) => Number(a.spreadsheet_id === null) - Number(b.spreadsheet_id === null))
