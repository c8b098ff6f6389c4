import * as z from 'zod'

/** Which tables of which backup are brought back to the server. */
export const RestoreRequest = z.object({
  /** Its folder */
  backup: z.string(),
  /** Of its copy of the server: another one makes another plan */
  sha256: z.string(),
  /** Absent: all that it has */
  tables: z.array(z.string()).optional(),
})
export type RestoreRequest = z.infer<typeof RestoreRequest>
