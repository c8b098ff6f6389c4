import * as z from 'zod'
import { Scalar, Time } from './common.ts'

/** Why a value is what it is: one change of one row. */
export const HistoryEntry = z
  .object({
    lane: z.string(),
    version: z.number().int(),
    /** `refuse`: proposed, and not taken by the rule named in `why` */
    op: z.enum(['insert', 'update', 'delete', 'refuse', 'pin', 'unpin', 'resolve', 'reopen']),
    at: Time,
    origin: z.string(),
    actor: z.string(),
    run_id: z.string().nullable(),
    changes: z.array(
      z.object({
        column: z.string(),
        before: Scalar,
        after: Scalar,
        /** Where the value came from: a cell, a parser, a person */
        origin: z.string(),
        rule: z.string(),
      }),
    ),
  })
  .meta({ id: 'HistoryEntry' })
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const Conflict = z
  .object({
    id: z.string(),
    lane: z.string(),
    link: z.string(),
    scope: z.string(),
    part: z.string().nullable(),
    table: z.string(),
    key: z.string(),
    column: z.string().nullable(),
    kind: z.string(),
    base: Scalar,
    ours: Scalar,
    theirs: Scalar,
    detail: z.string(),
    recommendations: z.array(z.string()),
    opened_at: Time,
    run_id: z.string().nullable(),
    resolved_at: Time.nullable(),
    resolution: z.string().nullable(),
  })
  .meta({ id: 'Conflict' })
export type Conflict = z.infer<typeof Conflict>

export const WebhookEvent = z.enum(['run.completed', 'run.degraded', 'run.failed', 'conflict.opened'])
export type WebhookEvent = z.infer<typeof WebhookEvent>

export const WebhookInput = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .refine((text) => !/^\w+:\/\/[^/?#]*@/.test(text), 'an address without a password in it'),
  events: z
    .array(WebhookEvent)
    .min(1)
    .default([...WebhookEvent.options]),
})

export const Webhook = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(WebhookEvent),
    active: z.boolean(),
    created_at: Time,
    /** Only in the answer that created it: the Standard Webhooks signing secret */
    secret: z.string().optional(),
  })
  .meta({ id: 'Webhook' })

export const Delivery = z
  .object({
    id: z.string(),
    webhook_id: z.string(),
    type: WebhookEvent,
    status: z.enum(['pending', 'sent', 'dead']),
    attempts: z.number().int(),
    last_error: z.string().nullable(),
    created_at: Time,
    sent_at: Time.nullable(),
  })
  .meta({ id: 'Delivery' })

export const Token = z
  .object({
    id: z.string(),
    role: z.enum(['admin', 'user', 'device', 'hook']),
    user_id: z.string().nullable(),
    name: z.string(),
    kind: z.enum(['token', 'session', 'code']),
    created_at: Time,
    expires_at: Time.nullable(),
    last_used_at: Time.nullable(),
    revoked_at: Time.nullable(),
    /** Only in the answer that created it */
    secret: z.string().optional(),
  })
  .meta({ id: 'Token' })
export type Token = z.infer<typeof Token>
