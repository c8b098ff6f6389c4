import { refusal } from '../failure.ts'
import type { Patience, Sqlite } from '../laptop/file.ts'

/** A file that another program holds for longer than this is told to the person: attempts, and milliseconds between two. */
const LOCKED = { times: 240, wait: 250, said: 4 } as const

/**
 * Copies a database as it stands at one moment over the file at `path`, page by page, by SQLite's own means: programs that have
 * either file open wait for a moment, and see the whole of it before and after. A crash leaves the file as it was.
 */
export async function copyDatabase(from: Sqlite, path: string, patience: Patience): Promise<void> {
  const { backup } = await import('node:sqlite')
  if (!(backup instanceof Function)) throw tooOld()
  for (let attempt = 1; ; attempt++) {
    try {
      // In one step: in several, a program that keeps writing would make it begin anew each time.
      await backup(from, path, { rate: EVERY_PAGE })
      return
    } catch (error) {
      if (!isBusy(error)) throw failed(path, error as Error)
      if (attempt === LOCKED.times) throw locked(path)
      if (attempt === LOCKED.said) patience.say('Another program is using the file; waiting for it')
    }
    await patience.wait(LOCKED.wait)
  }
}

const EVERY_PAGE = 2 ** 31 - 1

/** Found by experiment: where the first step finds a lock, Node says error 0, `not an error`. */
const isBusy = (error: unknown) => [0, 5, 6].includes(((error as { errcode?: number }).errcode ?? -1) & 0xff)

const locked = (path: string) =>
  refusal('locked', {
    title: 'The file is in use',
    detail: `Another program has been holding ${path}, or what it is copied from, for a minute.`,
    mend: 'Wait for that program, then run the same command again.',
  })

const failed = (path: string, { message }: Error) =>
  refusal('copy', {
    title: 'The copy failed',
    detail: `${path}: ${message}.`,
    kept: 'Both files as they were.',
    mend: 'Check the room on the disk and who may write there, then run the same command again.',
  })

const tooOld = () =>
  refusal('old_node', {
    title: 'This Node cannot copy a database',
    detail: `It is ${process.version}; backups need 22.16, 23.8 or newer.`,
    mend: 'Install a newer Node, then run the same command again.',
  })
