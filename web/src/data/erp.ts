import type {
  Customer,
  ErpStatus,
  OrderInput,
  OrderRequest,
  PriceChange,
  Product,
  ProductImage,
  Started,
  SyncInput,
  UnmatchedPrice,
} from '../../../sync/protocol/erp.ts'
import { get, send } from './api.ts'

/** Rows of a list's page here; further ones are asked for. */
const PAGE = 10
/** What a search offers: as many as a small screen shows without scrolling. */
const FOUND = 8

export const getErpStatus = get<ErpStatus>('/api/erp/status')
export const getPriceChanges = get<PriceChange[]>(`/api/price-changes?limit=${PAGE}`)
export const getUnmatchedPrices = get<UnmatchedPrice[]>(`/api/unmatched-prices?limit=${PAGE}`)
export const getDeadImages = get<ProductImage[]>(`/api/images?status=dead&limit=${PAGE}`)

export const findCustomers = (text: string, user: string | null) =>
  send<Customer[]>(
    'GET',
    `/api/customers?limit=${FOUND}&q=${id(text)}${user === null ? '' : `&user_id=${id(user)}`}`,
  )
export const findProducts = (text: string) =>
  send<Product[]>('GET', `/api/products?limit=${FOUND}&q=${id(text)}`)

export const startErpSync = (input: SyncInput) => send<Started>('POST', '/api/erp/sync', input)
export const retryImage = (product: string) => send<ProductImage>('POST', `/api/images/${id(product)}/retry`)

/** 201: made. 202: it goes on, or is in doubt. The same key never makes a second order. */
export const sendOrder = (order: OrderInput, key: string) =>
  send<OrderRequest>('POST', '/api/orders', order, { 'idempotency-key': key })

const id = encodeURIComponent
