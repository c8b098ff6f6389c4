import type { OrderInput } from '../../protocol/erp.ts'
import type { Asked } from './calls.ts'
import type { ReadCell } from './cell.ts'
import type { Reader } from './http.ts'
import type { ShownRow } from './rows.ts'

// What both dialects of the ERP can be asked, and what they answer with: the same shapes, cells not typed yet.

/** A call and what is made of its answer. */
export interface Question<T> {
  readonly asked: Asked
  readonly read: Reader<T>
}

/** A page of a list. */
export interface ShownList extends ShownTable {
  readonly list: string | null
  readonly page: number
  readonly pages: number
  readonly total: number
  readonly pageSize: number | null
  readonly stamp: string | null
}

export interface ShownTable {
  readonly rows: readonly ShownRow[]
  /** Whether a field is shown at all */
  readonly shows: (header: string) => boolean
  /** Whether a field that must be there is in none of the rows */
  readonly lacks: (header: string) => boolean
}

export interface ShownOrder {
  readonly lines: ShownTable
  readonly note: string | null
}

/** `beyond`: there is no such page. */
export type ListAnswer = ShownList | 'beyond'

/** What the ERP said to an order: its id, or a sentence why not. */
export type Created = { readonly id: string; readonly number: string | null } | { readonly said: string }

export interface Wire {
  readonly readCell: ReadCell
  /** A page; or the orders that carry a reference */
  list(list: string, of: { readonly page: number } | { readonly ref: string }): Question<ListAnswer>
  order(id: string): Question<ShownOrder>
  ddt(id: string): Question<ShownTable>
  create(key: string, input: OrderInput): Question<Created>
}

/** Where an answer belongs, in words. */
export const nameOf = (list: string, of: { readonly page: number } | { readonly ref: string }): string =>
  'page' in of ? `${list} page ${of.page}` : `${list} with the reference ${of.ref}`

export const queryOf = (of: { readonly page: number } | { readonly ref: string }): string =>
  new URLSearchParams('page' in of ? { page: String(of.page) } : { external_ref: of.ref }).toString()
