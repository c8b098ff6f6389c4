import type { hc } from 'hono/client'
import * as z from 'zod'
import { ConfigSetting, SheetLink } from '../sync/protocol/config.ts'
import { ReferenceStatistics, ReferenceSync, type TableStatistics } from '../sync/protocol/reference.ts'
import { Sheet, SheetScript, SheetsForecast } from '../sync/protocol/sheets.ts'
import type { SmartSyncApi } from '../workers/smart-sync/index.ts'
import { read } from './read.ts'

/** A link, and the numbers of its tables where they are counted. */
export type CountedSheet = Sheet & { readonly statistics: readonly TableStatistics[] }

/** Workbooks that are synced both ways. A call that fails throws a `Refusal`. */
export function sheetsOf({ sheets, reference, config }: ReturnType<typeof hc<SmartSyncApi>>['api']) {
  return {
    async list(): Promise<CountedSheet[]> {
      const [links, { link, tables }] = await Promise.all([
        read(z.array(Sheet), sheets.$get()),
        read(ReferenceStatistics, reference.statistics.$get()),
      ])
      return links.map((sheet) => ({ ...sheet, statistics: sheet.link === link ? tables : [] }))
    },
    forecast: () => read(SheetsForecast, sheets.forecast.$get()),
    script: (name: string) => read(SheetScript, sheets[':name'].script.$post({ param: { name } })),
    sync: (name: string, force: boolean) =>
      read(
        ReferenceSync,
        sheets[':name'].sync.$post({ param: { name }, query: { force: force ? 'true' : 'false' } }),
      ),
    /** What is not given stays as it is set. */
    async link(name: string, change: Partial<SheetLink>): Promise<SheetLink> {
      const param = { key: `sheets.${name}` } as const
      const { value } = await read(ConfigSetting, config[':key'].$get({ param }))
      const json = { ...(value as object | null), ...change }
      const set = await read(ConfigSetting, config[':key'].$put({ param, json }))
      return SheetLink.parse(set.value)
    },
  }
}
