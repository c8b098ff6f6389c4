import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFile, type Patience, patiently, type Sqlite } from './file.ts'

/**
 * Works on two copies of a file, one to be changed and one to compare it with; the file itself is only read. A copy is as large as the
 * file, and made while nobody writes.
 */
export async function withCopies<T>(
  db: Sqlite,
  patience: Patience,
  work: (copy: Sqlite, before: Sqlite) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-plan-'))
  const opened: Sqlite[] = []
  try {
    const [first, second] = [join(folder, 'copy.db'), join(folder, 'before.db')]
    await patiently(db, patience, () => db.prepare('VACUUM INTO ?').run(first))
    await copyFile(first, second)
    const copy = await openFile(first)
    opened.push(copy)
    const before = await openFile(second)
    opened.push(before)
    return await work(copy, before)
  } finally {
    for (const one of opened) one.close()
    await rm(folder, { recursive: true, force: true })
  }
}
