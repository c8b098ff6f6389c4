import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { Time } from '../../sync/protocol/common.ts'
import { refusal } from '../failure.ts'

const copy = {
  /** Name of the copy in the backup's folder */
  copy: z.string().regex(/^[^/\\]+$/),
  bytes: z.number().int(),
  sha256: z.string(),
}

/** What a backup holds. It is written last: a folder without it is no backup. */
export const Manifest = z.object({
  tidemark: z.literal(1),
  at: Time,
  /** Copies of attached files, and where they were */
  files: z.array(
    z.object({
      file: z.string(),
      ...copy,
      tables: z.array(z.object({ table: z.string(), shared: z.string(), rows: z.number().int() })),
    }),
  ),
  /** Shared tables, each lane as it stood at one version; null: the server was not copied */
  server: z
    .object({
      url: z.string(),
      ...copy,
      lanes: z.array(
        z.object({
          lane: z.string(),
          /** null: it changed faster than it could be asked; the rows are of one moment all the same */
          version: z.number().int().nullable(),
          tables: z.array(z.object({ name: z.string(), rows: z.number().int() })),
        }),
      ),
    })
    .nullable(),
})
export type Manifest = z.infer<typeof Manifest>

const NAME = 'manifest.json'

export const writeManifest = (folder: string, manifest: Manifest) =>
  writeFile(join(folder, NAME), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' })

/** The manifest of a backup whose copies are what they were. */
export async function readManifest(folder: string, say: (text: string) => void): Promise<Manifest> {
  const text = await readFile(join(folder, NAME), 'utf8').catch((error: Error) => {
    throw noBackup(folder, error.message)
  })
  const parsed = Manifest.safeParse(jsonOf(text))
  if (!parsed.success) throw noBackup(folder, `${NAME} is not understood`)
  const { files, server } = parsed.data
  for (const { copy: name, bytes, sha256 } of [...files, ...(server ? [server] : [])]) {
    say(`Checking ${name}`)
    const found = await digestOfFile(join(folder, name)).catch((error: Error) => {
      throw damaged(folder, `${name}: ${error.message}`)
    })
    if (found.sha256 !== sha256 || found.bytes !== bytes)
      throw damaged(folder, `${name} is not what it was when the backup was made`)
  }
  return parsed.data
}

export async function digestOfFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  const { size } = await stat(path)
  await pipeline(createReadStream(path), hash)
  return { bytes: size, sha256: hash.digest('hex') }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const noBackup = (folder: string, why: string) =>
  refusal('no_backup', {
    title: 'Not a backup',
    detail: `${folder}: ${why}.`,
    mend: 'Name a folder that tidemark backup made.',
  })

const damaged = (folder: string, why: string) =>
  refusal('damaged_backup', {
    title: 'The backup is damaged',
    detail: `${folder}: ${why}.`,
    mend: 'Use another backup, or another copy of this one.',
  })
