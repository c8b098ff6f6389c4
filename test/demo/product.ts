import type * as z from 'zod'
import type { Problem } from '../../sync/protocol/common.ts'
import type { ReferenceSync } from '../../sync/protocol/reference.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import type { SheetScript } from '../../sync/protocol/sheets.ts'
import type { ReadingsAnswer, SmartSyncAccepted, SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { ERP_USERS } from './erp.ts'
import { PROJECTS, readings, WORKSPACE } from './workbook.ts'

/** The product's own API, as an admin's program calls it. */
export type Product = {
  /** Workspace, projects, platform readers and the ERP's users; the same ones again change nothing. `origin`: where platforms answer */
  configure(origin: string): Promise<void>
  /** One sync of all projects; null when it goes on past the time that a caller waits */
  sync(): Promise<SmartSyncAnswer | null>
  /** A code that pairs a device of Ann's */
  pairingCode(name: string): Promise<string>
  /** Brings the reference tables and their workbook in step; null when that goes on past the time that a caller waits */
  syncReference(): Promise<Run | null>
  /** The Apps Script of the workbook that the reference tables are kept in */
  script(): Promise<z.infer<typeof SheetScript>>
  /** A token for a program that reads and writes the reference tables */
  botToken(): Promise<string>
  /** What parsers found; answers how many were new */
  report(at: Date): Promise<number>
}

export function product(url: URL, token: string): Product {
  async function call<T>(method: string, path: string, body?: object): Promise<{ status: number; value: T }> {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(40_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${inWords(text)}`)
    return { status: response.status, value: (text ? JSON.parse(text) : null) as T }
  }

  return {
    async configure(origin) {
      const { id, ...workspace } = WORKSPACE
      await call('PUT', `/api/workspaces/${id}`, workspace)
      for (const { id: project, name, time_zone } of PROJECTS) {
        await call('PUT', `/api/projects/${project}`, { workspace_id: id, name, tab: name, time_zone })
      }
      await call('PUT', '/api/config/smart-sync.readers', { every_hours: 6, readers: readersAt(origin) })
      await call('PUT', '/api/config/sheets.reference', { spreadsheet_id: WORKSPACE.spreadsheet_id })
      for (const { id: user, ...known } of ERP_USERS) await call('PUT', `/api/erp/users/${user}`, known)
    },
    async sync() {
      type Answer = SmartSyncAnswer | z.infer<typeof SmartSyncAccepted>
      const { value } = await call<Answer>('POST', '/api/admin/smart_sync')
      return 'results' in value ? value : null
    },
    async syncReference() {
      const { value } = await call<Run | z.infer<typeof ReferenceSync>>('POST', '/api/reference/sync?wait=20')
      return 'report' in value ? value : null
    },
    async script() {
      return (await call<z.infer<typeof SheetScript>>('POST', '/api/sheets/reference/script')).value
    },
    async botToken() {
      const { value } = await call<{ secret: string }>('POST', '/api/tokens', {
        role: 'hook',
        name: 'demo bot',
      })
      return value.secret
    },
    async pairingCode(name) {
      const asked = { role: 'device', user_id: 'ann', name }
      const { value } = await call<{ code: string }>('POST', '/api/codes', asked)
      return value.code
    },
    async report(at) {
      const all = readings().map((reading) => ({ ...reading, at: at.toISOString(), source: 'demo-parser' }))
      const { value } = await call<z.infer<typeof ReadingsAnswer>>('POST', '/api/admin/readings', {
        readings: all,
      })
      return value.accepted
    },
  }
}

/** YouTube by its API; what has no API that we speak, as JSON. */
function readersAt(origin: string) {
  const url = `${origin}/stats/{platform}/{username}`
  const fields = Object.fromEntries(
    ['followers', 'likes', 'comments', 'videos', 'views'].map((metric) => [metric, `statistics.${metric}`]),
  )
  return [
    { type: 'youtube', source: 'youtube' },
    { type: 'json', source: 'stats', platforms: ['tiktok', 'instagram'], url, fields },
  ]
}

/** A problem's own words; anything else as it came. */
function inWords(text: string): string {
  try {
    const { detail, mend, errors = [] } = JSON.parse(text) as Problem
    return [detail, ...errors.map(({ path, message }) => `${path}: ${message}`), mend].join(' ')
  } catch {
    return text.slice(0, 500)
  }
}
