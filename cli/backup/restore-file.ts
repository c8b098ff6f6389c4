import { existsSync } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { Refusal, refusal } from '../failure.ts'
import type { Patience, Sqlite } from '../laptop/file.ts'
import { withFile } from '../laptop/open.ts'
import { copyDatabase, DAMAGED } from './copy-database.ts'

/**
 * Puts the copy of a file back in its place. What is there now is kept beside it; programs that have the file open go on, with the
 * restored rows, unless it is damaged beyond reading: then it is moved aside as it is. The answer is where the present file is kept;
 * null: there was none.
 */
export async function restoreFile(patience: Patience, copy: string, file: string): Promise<string | null> {
  const draft = `${file}.restoring`
  const kept = freeName(file)
  await removeWith(draft)
  await copyFile(copy, draft).catch((error: Error) => {
    throw notThere(file, error.message)
  })
  try {
    const wrong = await withFile(draft, async (db) => wrongWith(db))
    if (wrong !== null) throw notSound(copy, wrong, 'Everything: the file was not touched.')
    if (!existsSync(file)) {
      await moveAside(file, kept)
      await rename(draft, file)
      return null
    }
    if (!(await isCopied(patience, file, kept))) {
      await moveAside(file, kept)
      await rename(draft, file)
      return kept
    }
    await withFile(draft, (db) => copyDatabase(db, file, patience))
    const after = await withFile(file, async (db) => wrongWith(db))
    if (after !== null) throw notSound(file, after, `What was there before, as ${kept}.`)
    return kept
  } finally {
    await removeWith(draft)
  }
}

/** False: SQLite can't read it. */
async function isCopied(patience: Patience, file: string, kept: string): Promise<boolean> {
  try {
    await withFile(file, (db) => copyDatabase(db, kept, patience))
    return true
  } catch (error) {
    await removeWith(kept)
    if (error instanceof Refusal && error.problem.type === DAMAGED) return false
    throw error
  }
}

/** What SQLite keeps beside a database: left there, it would be taken for part of the one that comes in its place. */
const TAILS = ['-wal', '-journal', '-shm'] as const

/** The file, if it is there, and what lies beside it. */
async function moveAside(file: string, kept: string): Promise<void> {
  for (const tail of ['', ...TAILS])
    if (existsSync(`${file}${tail}`)) await rename(`${file}${tail}`, `${kept}${tail}`)
}

async function removeWith(file: string): Promise<void> {
  for (const tail of ['', ...TAILS]) await rm(`${file}${tail}`, { force: true })
}

function freeName(file: string): string {
  const first = `${file}.before-restore`
  for (let n = 2, name = first; ; n++) {
    if (!['', ...TAILS].some((tail) => existsSync(`${name}${tail}`))) return name
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
