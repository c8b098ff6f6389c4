import * as z from 'zod'

/** A JSON scalar as it stands in a column. */
export const Scalar = z.union([z.string(), z.number(), z.null()])
