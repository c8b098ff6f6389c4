import type { Problem } from '../../../sync/protocol/common.ts'
import type { OrderRequest } from '../../../sync/protocol/erp.ts'

/**
 * Where an order stands for the person who makes it.
 *
 *   editing ──send──► sending ──► done
 *      ▲                │  ├────► goes-on ──► done | refused | unknown   (told by the status)
 *      │                │  └────► unknown: a person looks in the ERP
 *      │                ├───────► unanswered ──same order, same key──► sending
 *      └── refused, or not understood: the ERP has no order ◄──┘
 */
export type OrderState =
  | { readonly type: 'editing'; readonly problem: Problem | null }
  | { readonly type: 'sending' }
  | { readonly type: 'goes-on' }
  | { readonly type: 'unanswered'; readonly problem: Problem }
  | { readonly type: 'done'; readonly request: OrderRequest }
  | { readonly type: 'unknown'; readonly request: OrderRequest }

/** What came back for an order that was sent, or why nothing did. */
export type Answered =
  | { readonly ok: true; readonly value: OrderRequest }
  | { readonly ok: false; readonly problem: Problem }

export const EDITING: OrderState = { type: 'editing', problem: null }

/**
 * What an answer means. Where it is not known whether the order arrived, it may only be sent again as it was: with other
 * lines and another key it could be made twice.
 */
export function afterAnswer(answer: Answered): OrderState {
  if (answer.ok) return afterNews(answer.value)
  const { status } = answer.problem
  const mayHaveArrived = status === 0 || status === 429 || status >= 500
  return mayHaveArrived
    ? { type: 'unanswered', problem: answer.problem }
    : { type: 'editing', problem: answer.problem }
}

/** What the request's own status means. */
export function afterNews(request: OrderRequest): OrderState {
  if (request.status === 'done' || request.status === 'unknown') return { type: request.status, request }
  if (request.status !== 'refused') return { type: 'goes-on' }
  return {
    type: 'editing',
    problem: {
      type: REFUSED,
      title: 'The ERP refused it',
      status: 422,
      detail: request.reason ?? 'The ERP refused the order.',
      kept: 'No order was made.',
      mend: request.mend ?? 'Correct the order and send it again.',
    },
  }
}

/** A refused order's key is used up: what is corrected is another order. */
export const needsNewKey = (state: OrderState) => state.type === 'editing' && state.problem?.type === REFUSED

const REFUSED = 'urn:tidemark:problem:refused'

/** 128 random bits. `crypto.randomUUID` is not there on plain HTTP, where the demo's phone is. */
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** `2`, `2.5`, `2,5`; null where it is no quantity. */
export function quantityOf(text: string): number | null {
  const value = Number(text.trim().replace(',', '.'))
  return /^\d+([.,]\d+)?$/.test(text.trim()) && value > 0 && value <= MOST ? value : null
}

/** The wire's limit (sync/protocol/erp.ts). */
const MOST = 1_000_000
