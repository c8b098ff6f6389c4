import type { Remote } from '../../engine/ports.ts'
import { backupsThere, writeBackup } from './backup.ts'
import { MODIFIED } from './both-page.ts'
import { type SheetsOptions, sheetsCalls } from './calls.ts'
import { editPart, repairEdits } from './edit.ts'
import { readPage } from './read.ts'
import { repairCells, writeCells } from './write.ts'
import { isUnsettled } from './write-job.ts'

export type { CachedToken, TokenCache } from '../google/token.ts'
export type { SheetsOptions } from './calls.ts'

/** Spreadsheets: a part is a tab (`options.tab`), the target names the spreadsheet (`spreadsheet_id`). */
export function googleSheets(options: SheetsOptions): Remote {
  const calls = sheetsCalls(options)
  return {
    async probe(context) {
      const answer = await calls.version(context)
      if (!answer.ok) return answer
      const { version, modifiedTime } = answer.value
      const modified = Date.parse(modifiedTime ?? '')
      if (!Number.isNaN(modified)) context.scratch.set(MODIFIED, modified)
      if (version) return { ok: true, value: version }
      const reason = 'Google Drive answered without a version'
      return {
        ok: false,
        failure: { type: 'unavailable', reason, mend: 'Nothing to do: it is tried again.' },
      }
    },
    async read(context, part) {
      const { both } = context
      const repair = () =>
        both ? repairEdits(calls, context, both, part) : repairCells(calls, context, part)
      const repaired = isUnsettled(context, part) ? await repair() : null
      return repaired && !repaired.ok ? repaired : readPage(calls, context, part)
    },
    write: (context, part, changes) => writeCells(calls, context, part, changes),
    exports: {
      there: (context, parts) => backupsThere(calls, context, parts),
      write: (context, part, slice) => writeBackup(calls, context, part, slice),
    },
    async edit(context, part, edits) {
      if (!context.both) throw new Error('Only links both ways have edits')
      return editPart(calls, context, context.both, part, edits)
    },
  }
}
