import * as z from 'zod'
import { Time } from './common.ts'
import { Run, RunStatus } from './runs.ts'

// What is asked of the ERP, and how it stands. Rows of its lists are in a file of their own: devices need nothing else.
export * from './erp-rows.ts'

const Cents = z.number().int()
const text = z.string().nullable()

/** An order that a person wants made in the ERP. `Idempotency-Key` comes as a header. */
export const OrderInput = z
  .strictObject({
    /** The ERP's id of the customer */
    customer_id: z.string().trim().min(1).max(100),
    lines: z
      .array(
        z.strictObject({
          product_id: z.string().trim().min(1).max(100),
          quantity: z.number().positive().max(1_000_000),
          /** Cents; absent: the ERP's price list */
          price: Cents.min(0).optional(),
          /** Hundredths of a percent */
          discount: z.number().int().min(0).max(10_000).optional(),
        }),
      )
      .min(1)
      .max(500),
    note: z.string().max(2_000).default(''),
    /** For whom; admins only. Absent: the caller */
    user_id: z.string().optional(),
  })
  .meta({ id: 'OrderInput' })
export type OrderInput = z.infer<typeof OrderInput>

/** The caller's own name of an order that is to be made: the same name is never made twice. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters')

/**
 * queued → sending → done | refused | unknown. `unknown`: it was sent, no answer came, and the ERP does not show it:
 * a person looks there; it is never sent twice.
 */
export const OrderRequest = z
  .object({
    id: z.string(),
    key: z.string(),
    user_id: z.string(),
    /** The customer's name, as the list of customers has it; null: it does not show the customer (yet) */
    customer: text,
    status: z.enum(['queued', 'sending', 'done', 'refused', 'unknown']),
    /** Id and number in the ERP, once done */
    erp_id: text,
    number: text,
    reason: text,
    mend: text,
    actor: z.string(),
    body: OrderInput,
    created_at: Time,
    sent_at: Time.nullable(),
    finished_at: Time.nullable(),
  })
  .meta({ id: 'OrderRequest' })
export type OrderRequest = z.infer<typeof OrderRequest>

/** What an event of an app (login, reconnect) started, joined or skipped, and why. */
export const Started = z
  .object({
    started: z.array(
      z.object({
        link: z.string(),
        scope: z.string(),
        answer: z.enum(['queued', 'joined', 'skipped']),
        run_id: z.string().optional(),
        reason: z.string().optional(),
      }),
    ),
    timestamp: Time,
  })
  .meta({ id: 'Started' })
export type Started = z.infer<typeof Started>

/** A link that may be started by hand: one of the ERP's, in one scope. */
export const SyncInput = z.strictObject({
  system: z.enum(['customers', 'products', 'prices', 'orders']),
  /** Whose rows, for customers and orders; admins only. Absent: the caller's */
  user_id: z.string().optional(),
  /** Read everything, whatever the ERP says; admins only */
  full: z.boolean().default(false),
})
export type SyncInput = z.infer<typeof SyncInput>

/** How one link stands in one scope. */
const ScopeStatus = z.object({
  scope: z.string(),
  lane: z.string(),
  /** It is synced; false: it was once, and its rows stay */
  active: z.boolean(),
  /** Rows that the ERP showed last; prices: those that a product has */
  rows: z.number().int(),
  last_status: RunStatus.nullable(),
  last_good_at: Time.nullable(),
  last_full_at: Time.nullable(),
  last_check_at: Time.nullable(),
  next_due_at: Time.nullable(),
  /** Why the ERP could not be read the last time, and what to do */
  trouble: z.object({ reason: z.string(), mend: z.string() }).nullable(),
  checks: z.number().int(),
  /** Checks that found nothing to read */
  skips: z.number().int(),
  /** Rows that wait: details that could not be had, prices that match nothing */
  waiting_rows: z.number().int(),
  /** A run that ended in mid-list is taken up here by the next one */
  resumes_at_page: z.number().int().nullable(),
  /** rolling: any change is found within so many checks, and milliseconds */
  bound: z.object({ checks: z.number().int(), ms: z.number().int() }).nullable(),
})

/** One of the four systems. */
const LinkStatus = z.object({
  link: z.string(),
  system: z.string(),
  per: z.enum(['user', 'shared', 'workspace']),
  probe: z.enum(['stamp', 'recentFirst', 'rolling']),
  check_ms: z.number().int(),
  full_ms: z.number().int(),
  /** Higher goes first at the gate */
  priority: z.number().int(),
  scopes: z.array(ScopeStatus),
})

/** Who is inside the ERP's gate, and who waits. */
const GateStatus = z.object({
  concurrency: z.number().int(),
  inside: z.array(z.object({ who: z.string(), exclusive: z.boolean(), until: Time })),
  waiting: z.array(z.object({ who: z.string(), exclusive: z.boolean(), priority: z.number(), since: Time })),
  closed_until: Time.nullable(),
})

/** `GET /api/erp/status`: all that the ERP's page shows. Users see their own scopes and the shared ones. */
export const ErpStatus = z
  .object({
    configured: z.boolean(),
    systems: z.array(LinkStatus),
    /** Unfinished runs, oldest first: what runs and what waits, by lane */
    runs: z.array(Run),
    gate: GateStatus.nullable(),
    /** Share of the ERP's time that the checks of all scopes take, at what a call takes now; above 1 they can't keep up */
    forecast: z.object({
      /** Lists, each user's counted, that are synced */
      scopes: z.number().int(),
      /** null: no run of late made a call */
      call_ms: z.number().nullable(),
      share: z.number().nullable(),
    }),
    images: z.object({ pending: z.number().int(), stored: z.number().int(), dead: z.number().int() }),
    unmatched_prices: z.number().int(),
    orders: z.array(OrderRequest),
    timestamp: Time,
  })
  .meta({ id: 'ErpStatus' })
export type ErpStatus = z.infer<typeof ErpStatus>

/**
 * A user's id, as tokens name it. Lanes and ids of rows are made of it (`orders:<user>`, `<user>:<id in the ERP>`), so it
 * may not hold what separates them.
 */
export const ErpUserId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,99}$/, 'letters, digits and _ . @ + -, 100 at most')

/** Whose login in the ERP is used for whom. The password goes in and never comes out. */
export const ErpUserInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  login: z.string().min(1).max(200),
  /** Absent: the one that is stored stays */
  password: z.string().min(1).max(500).optional(),
  active: z.boolean().default(true),
})

export const ErpUser = z
  .object({
    id: z.string(),
    name: z.string(),
    login: z.string(),
    active: z.boolean(),
    updated_at: Time,
  })
  .meta({ id: 'ErpUser' })
export type ErpUser = z.infer<typeof ErpUser>
