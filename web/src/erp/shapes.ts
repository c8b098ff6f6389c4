import type { ErpStatus } from '../../../sync/protocol/erp.ts'

// Parts of the status, by name.

export type LinkStatus = ErpStatus['systems'][number]
export type ScopeStatus = LinkStatus['scopes'][number]
export type Gate = NonNullable<ErpStatus['gate']>
