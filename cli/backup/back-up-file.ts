import { basename, join } from 'node:path'
import type { Context } from '../command.ts'
import { transaction } from '../laptop/file.ts'
import { notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { standingOf } from '../laptop/standing.ts'
import { copyDatabase } from './copy-database.ts'
import { digestOfFile, type Manifest } from './manifest.ts'

/** Copies an attached file into the backup's folder. Other programs may go on using it. */
export function backUpFile(
  context: Context,
  folder: string,
  file: string,
  n: number,
): Promise<Manifest['files'][number]> {
  const copy = `file-${n}-${basename(file)}`
  const path = join(folder, copy)
  const patience = patienceOf(context)
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
