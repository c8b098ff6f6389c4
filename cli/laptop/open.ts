import { resolve } from 'node:path'
import type { Problem } from '../../sync/protocol/common.ts'
import type { Context } from '../command.ts'
import { Refusal, refusal } from '../failure.ts'
import { number } from '../print.ts'
import { attachedFiles } from './attached.ts'
import { openFile, type Patience, type Sqlite } from './file.ts'
import { readLinks } from './link.ts'
import type { Remote } from './remote.ts'
import { type SyncDeps, type SyncReport, syncFile } from './sync.ts'

export const patienceOf = ({ wait, progress }: Context): Patience => ({
  wait: (ms) => wait(ms),
  say: progress.say,
})

/** Works on a file, and closes it whatever happens. */
export async function withFile<T>(path: string, work: (db: Sqlite) => Promise<T>): Promise<T> {
  const db = await openFile(path)
  try {
    return await work(db)
  } finally {
    db.close()
  }
}

/** The file that was named, or all that are attached here. */
export async function filesOf({ surroundings }: Context, given: string | undefined): Promise<string[]> {
  if (given !== undefined) return [resolve(given)]
  return attachedFiles(surroundings.env)
}

/** A file that could not be worked on, and why. */
export interface Failed {
  readonly file: string
  readonly problem: Problem
}
export const hasFailed = (one: object): one is Failed => 'problem' in one

/** The same work on each file: one that is away holds up no other. */
export async function eachOf<T>(
  files: readonly string[],
  work: (file: string) => Promise<T>,
): Promise<(T | Failed)[]> {
  const done: (T | Failed)[] = []
  for (const file of files)
    try {
      done.push(await work(file))
    } catch (error) {
      if (!(error instanceof Refusal) || files.length === 1) throw error
      done.push({ file, problem: error.problem })
    }
  return done
}

/** The one file that is meant. */
export async function oneFile(context: Context, given: string | undefined): Promise<string> {
  const files = await filesOf(context, given)
  const [file] = files
  if (file !== undefined && files.length === 1) return file
  throw refusal('which_file', {
    title: files.length === 0 ? 'No file is attached' : 'Which file?',
    detail: files.length === 0 ? 'No file of this machine is attached.' : `Attached are ${files.join(', ')}.`,
    mend:
      files.length === 0 ? 'Run: tidemark attach FILE --table products --as listings' : 'Name one of them.',
  })
}

/** Works on an attached file, with the server that it belongs to. */
export async function withAttached<T>(
  context: Context,
  path: string,
  work: (db: Sqlite, remote: Remote) => Promise<T>,
): Promise<T> {
  const { remote, server } = await context.device()
  return withFile(path, async (db) => {
    const { url, links } = await readLinks(db, patienceOf(context))
    if (links.length === 0) throw notAttached(path)
    if (url !== server.url) throw elsewhere(path, url, server.url)
    return work(db, remote)
  })
}

export const syncDepsOf = (context: Context, remote: Remote): SyncDeps => ({
  ...patienceOf(context),
  remote,
  now: context.surroundings.now,
  moved: movedIn(context),
})

/** `only`: shared tables, or tables of the file; absent: all */
export const syncOne = (context: Context, path: string, only?: readonly string[]): Promise<SyncReport> =>
  withAttached(context, path, (db, remote) => syncFile(db, syncDepsOf(context, remote), only))

function movedIn({ progress }: Context): SyncDeps['moved'] {
  const words = { came: 'rows came', went: 'edits went', compared: 'rows compared' }
  return (what, done, of) =>
    progress.say(
      `${bar(done, of)}${number(done)}${of === undefined ? '' : ` of ${number(of)}`} ${words[what]}`,
    )
}

const CELLS = 20

function bar(done: number, of: number | undefined): string {
  if (of === undefined || of === 0) return ''
  const full = Math.min(CELLS, Math.round((done / of) * CELLS))
  return `${'█'.repeat(full)}${'░'.repeat(CELLS - full)} `
}

export const notAttached = (path: string) =>
  refusal('not_attached', {
    title: 'Not attached',
    detail: `${path} is tied to no shared table.`,
    mend: `Run: tidemark attach ${path} --table products --as listings`,
  })

const elsewhere = (path: string, url: string | null, here: string) =>
  refusal('elsewhere', {
    title: 'Another Tidemark',
    detail: `${path} belongs to ${url}; this machine is signed in to ${here}.`,
    mend: `Run: tidemark login ${url}`,
  })
