import { existsSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { refusal } from '../failure.ts'

export type Sqlite = DatabaseSync

/** What work on a file may use beside the file. */
export interface Patience {
  readonly wait: (ms: number) => Promise<void>
  readonly say: (text: string) => void
}

/** A program that writes for longer than this is told to the person: attempts, and milliseconds between two. */
const LOCKED = { times: 240, wait: 250, said: 4 } as const

/** Statements of one connection are prepared once: preparing takes several times as long as running most of them. */
const statementsOf = (Database: typeof DatabaseSync) =>
  class extends Database {
    readonly #prepared = new Map<string, StatementSync>()

    override prepare(sql: string): StatementSync {
      const known = this.#prepared.get(sql)
      if (known) return known
      const prepared = super.prepare(sql)
      this.#prepared.set(sql, prepared)
      return prepared
    }
  }

/**
 * Opens a file for work beside other programs: as SQLite opens it by default, with no wait inside SQLite, which would hold up
 * everything else here. Foreign keys are left alone: a program that relies on their cascades runs them itself.
 */
export async function openFile(path: string): Promise<Sqlite> {
  if (!existsSync(path)) throw noFile(path)
  const { DatabaseSync: Database } = await import('node:sqlite').catch(() => {
    throw tooOld()
  })
  return new (statementsOf(Database))(path, { enableForeignKeyConstraints: false, timeout: 50 })
}

/** One short transaction that nobody writes beside; a locked file is tried again. */
export const transaction = <T>(db: Sqlite, patience: Patience, work: () => T): Promise<T> =>
  patiently(db, patience, () => {
    db.exec('BEGIN IMMEDIATE')
    const done = work()
    db.exec('COMMIT')
    return done
  })

/** Work that begins its transaction itself, or needs none; a locked file is tried again. */
export async function patiently<T>(db: Sqlite, patience: Patience, work: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work()
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      if (!isBusy(error)) throw inWordsOf(error)
      if (attempt === LOCKED.times) throw locked()
      if (attempt === LOCKED.said) patience.say('Another program is writing to the file; waiting for it')
    }
    await patience.wait(LOCKED.wait)
  }
}

const BUSY = new Set([5, 6])
const codeOf = (error: unknown) => (error as { errcode?: number }).errcode ?? 0
const isBusy = (error: unknown) => BUSY.has(codeOf(error) & 0xff)

/** What a person can mend is told; anything else is a bug, and thrown as it is. */
function inWordsOf(error: unknown): unknown {
  const detail = (error as Error).message
  const trouble = TROUBLE[codeOf(error) & 0xff]
  return trouble ? refusal('file', { ...trouble, detail: `${detail}.` }) : error
}

const TROUBLE: Record<number, { title: string; mend: string }> = {
  8: { title: 'The file can only be read', mend: 'Make the file and its folder writable.' },
  10: { title: 'The disk failed', mend: 'Check the disk, then run the same command again.' },
  11: { title: 'The file is damaged', mend: 'Recover it with: sqlite3 FILE .recover' },
  13: { title: 'The disk is full', mend: 'Make room, then run the same command again.' },
  14: { title: 'The file cannot be opened', mend: 'Check who may read and write it, and its folder.' },
  26: { title: 'Not a SQLite file', mend: 'Name a SQLite database.' },
}

const locked = () =>
  refusal('locked', {
    title: 'The file is in use',
    detail: 'Another program has been writing to it for a minute.',
    kept: 'What was written before stays.',
    mend: 'Wait for that program, then run the same command again: it goes on where it was.',
  })

const tooOld = () =>
  refusal('old_node', {
    title: 'This Node has no SQLite',
    detail: `It is ${process.version}; files need 22.13 or newer.`,
    mend: 'Install a newer Node, then run the same command again.',
  })

const noFile = (path: string) =>
  refusal('no_file', {
    title: 'There is no such file',
    detail: `${path} is not there.`,
    mend: 'Check the name. A new file is made by the program that fills it.',
  })

/** A name in SQL. */
export const named = (name: string) => `"${name.replaceAll('"', '""')}"`
