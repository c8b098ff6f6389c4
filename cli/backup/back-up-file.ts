import { basename, join } from 'node:path'
import { type Patience, transaction } from '../laptop/file.ts'
import { notAttached, withFile } from '../laptop/open.ts'
import { standingOf } from '../laptop/standing.ts'
import { copyDatabase } from './copy-database.ts'
import { digestOfFile, type Manifest } from './manifest.ts'

/** Copies an attached file into the backup's folder. Other programs may go on using it. */
export function backUpFile(
  patience: Patience,
  folder: string,
  file: string,
  n: number,
): Promise<Manifest['files'][number]> {
  const copy = `file-${n}-${basename(file)}`
  const path = join(folder, copy)
  return withFile(file, async (db) => {
    await copyDatabase(db, path, patience)
    const tables = await withFile(path, (copied) =>
      transaction(copied, patience, () => standingOf(copied, file)?.tables),
    )
    if (!tables) throw notAttached(file)
    return {
      file,
      copy,
      ...(await digestOfFile(path)),
      tables: tables.map(({ table, shared, rows }) => ({ table, shared, rows })),
    }
  })
}
