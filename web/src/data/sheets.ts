import type * as z from 'zod'
import type {
  DynamicRate,
  EmployeeSetting,
  Rank,
  ReferenceStatistics,
  ReferenceSync,
} from '../../../sync/protocol/reference.ts'
import type { Sheet, SheetScript, SheetsForecast } from '../../../sync/protocol/sheets.ts'
import type { Answer } from './answer.ts'
import { get, send } from './api.ts'

export type Tab = Sheet['tabs'][number]
export type Policy = Tab['policy']
export type ReferenceRow = EmployeeSetting | DynamicRate | Rank

export const getSheets = get<Sheet[]>('/api/sheets')
export const getForecast = get<SheetsForecast>('/api/sheets/forecast')
/** Of the reference tables only */
export const getStatistics = get<ReferenceStatistics>('/api/reference/statistics')
/** The secret in it is nothing to be kept: it is asked for each time. */
export const askScript = (name: string) =>
  send<z.infer<typeof SheetScript>>('POST', `/api/sheets/${id(name)}/script`)
export const getReferenceRows = (table: string) => get<ReferenceRow[]>(`/api/reference/${id(table)}`)

/** What a run of a sheet or a change of a link changes here. */
export const isSheetPath = (path: string) => /^\/api\/(sheets|reference|conflicts)\b/.test(path)

export const startSheetSync = (name: string, full: boolean) =>
  send<z.infer<typeof ReferenceSync>>('POST', `/api/sheets/${id(name)}/sync${full ? '?force=true' : ''}`)

/** The workbook in which the rows are kept that the reference tables of the API serve */
export const REFERENCE = 'reference'

/** What a person says of a link; the rest takes its defaults. */
export interface LinkInput {
  readonly spreadsheet_id: string
  readonly tabs: Readonly<Record<string, string>>
  readonly policy: Policy
  readonly check_minutes: number
}

/** What is not in the form, full reads and policies of single tables, stays as it is set. */
export async function putLink(
  { setting }: Pick<Sheet, 'setting'>,
  value: LinkInput,
): Promise<Answer<unknown>> {
  const path = `/api/config/${id(setting)}`
  const before = await send<{ value: object | null }>('GET', path)
  return before.ok ? send<unknown>('PUT', path, { ...before.value.value, ...value }) : before
}

const id = encodeURIComponent
