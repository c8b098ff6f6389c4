import { existsSync } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { refusal } from '../failure.ts'
import type { Patience, Sqlite } from '../laptop/file.ts'
import { withFile } from '../laptop/open.ts'
import { copyDatabase } from './copy-database.ts'

/**
 * Puts the copy of a file back in its place. What is there now is kept beside it; programs that have the file open go on, with the
 * restored rows. The answer is where the present file is kept; null: there was none.
 */
export async function restoreFile(patience: Patience, copy: string, file: string): Promise<string | null> {
  const draft = `${file}.restoring`
  await copyFile(copy, draft).catch((error: Error) => {
    throw notThere(file, error.message)
  })
  try {
    const wrong = await withFile(draft, async (db) => wrongWith(db))
    if (wrong !== null) throw notSound(copy, wrong, 'Everything: the file was not touched.')
    if (!existsSync(file)) {
      await rename(draft, file)
      return null
    }
    const kept = freeName(file)
    await withFile(file, (db) => copyDatabase(db, kept, patience))
    await withFile(draft, (db) => copyDatabase(db, file, patience))
    const after = await withFile(file, async (db) => wrongWith(db))
    if (after !== null) throw notSound(file, after, `What was there before, as ${kept}.`)
    return kept
  } finally {
    for (const tail of ['', '-wal', '-shm', '-journal']) await rm(`${draft}${tail}`, { force: true })
  }
}

function freeName(file: string): string {
  const first = `${file}.before-restore`
  for (let n = 2, name = first; ; n++) {
    if (!existsSync(name)) return name
    name = `${first}-${n}`
  }
}

/** null: nothing. */
function wrongWith(db: Sqlite): string | null {
  const found = db.prepare('PRAGMA integrity_check(5)').all()
  const said = found.map((row) => String(Object.values(row)[0])).join('; ')
  return said === 'ok' ? null : said
}

const notThere = (file: string, why: string) =>
  refusal('no_place', {
    title: 'The file cannot be put back',
    detail: `${file}: ${why}.`,
    mend: 'Make its folder, or make room in it, then run the same command again.',
  })

const notSound = (file: string, why: string, kept: string) =>
  refusal('not_sound', {
    title: 'The file is not sound',
    detail: `${file}: ${why}.`,
    kept,
    mend: 'Use another backup.',
  })
