import type { Database } from '../../db/database.ts'
import { offer } from './offer.ts'

const IMAGES = { table: 'product_images', key: 'product_id', field: 'productId' } as const

/** A message of the images queue: this product's picture is to be fetched, or removed. */
export interface ImageMessage {
  readonly productId: string
}

/** Offers pending pictures to the queue. Never fails: what could not be offered, the next run or tick offers. */
export const offerImages = (
  database: Database,
  images: Pick<Queue<ImageMessage>, 'sendBatch'>,
  now: number,
): Promise<void> => offer(database, images, IMAGES, now)
