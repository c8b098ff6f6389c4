import * as z from 'zod'
import { Time } from './common.ts'

/** What a reviewer may answer. */
const Status = z.strictObject({
  id: z.string().regex(/^[\w-]{1,100}$/),
  label: z.string().trim().min(1).max(100),
  /** Whether the product is published */
  approved: z.boolean(),
})

/** Which answers there are, and which of two stands: the newest, the first, or neither until a person says. */
export const AssessmentRules = z
  .strictObject({
    policy: z.enum(['newest', 'first', 'review']).default('newest'),
    statuses: z
      .array(Status)
      .min(1)
      .max(20)
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'each id once')
      .default([
        { id: 'modest', label: 'Modest', approved: true },
        { id: 'moderately_modest', label: 'Moderately modest', approved: true },
        { id: 'not_modest', label: 'Not modest', approved: false },
      ]),
  })
  .meta({ id: 'AssessmentRules' })
export type AssessmentRules = z.infer<typeof AssessmentRules>

export const Stage = z.enum(['pending_assessment', 'assessed_approved', 'assessed_rejected'])
export type Stage = z.infer<typeof Stage>

export const Listing = z
  .object({
    id: z.string().meta({ description: 'The product’s normalised address' }),
    product_url: z.string(),
    title: z.string().nullable(),
    retailer: z.string().nullable(),
    price: z.number().nullable().meta({ description: 'In the smallest unit of the currency' }),
    currency: z.string().nullable(),
    image_url: z.string().nullable(),
    lifecycle_stage: Stage,
    assessed_at: Time.nullable(),
    assessed_by: z.string().nullable(),
    modesty_status: z.string().nullable(),
    shopify_status: z.string().nullable(),
    first_seen_at: Time.nullable(),
    last_updated: Time.nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'Listing' })
export type Listing = z.infer<typeof Listing>

export const ReviewInput = z
  .strictObject({
    modesty_status: z.string().min(1).max(100),
    /** When it was assessed; absent: now */
    assessed_at: Time.optional(),
  })
  .meta({ id: 'ReviewInput' })

export const ReviewAnswer = z
  .object({
    status: z.enum(['applied', 'merged', 'conflict']),
    reason: z.string().optional(),
    listing: Listing,
  })
  .meta({ id: 'ReviewAnswer' })
