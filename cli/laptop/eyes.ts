import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { openFile, type Sqlite } from './file.ts'
import { isAttached, linksOf } from './link.ts'

/** `changed`: another program left something to sync. `away`: there is no such file, for now. */
export type Sight = 'quiet' | 'changed' | 'away' | 'detached'

/** Looks at a file without reading its rows. */
export interface Eyes {
  look(): Promise<Sight>
  /** As of the last look */
  readonly lanes: readonly string[]
  close(): void
}

/**
 * A connection of its own tells by `data_version` that somebody committed, ourselves included; then the marks tell whether
 * there is something to do. `nudge` comes at once where the system tells of changed files; looking each second finds the rest.
 */
export function openEyes(path: string, nudge: () => void): Eyes {
  let db: Sqlite | undefined
  let inode = 0
  let seen = ''
  let schema = ''
  let lanes: string[] = []
  const watcher = watcherOf(path, nudge)

  const shut = () => {
    db?.close()
    db = undefined
    seen = ''
  }
  async function look(): Promise<Sight> {
    // A file that was put in this one's place has the same name, and our connection would still hold the old one.
    const now = statSync(path, { throwIfNoEntry: false })?.ino
    if (now !== inode) shut()
    inode = now ?? 0
    if (now === undefined) return 'away'
    db ??= await openFile(path)
    const version = String(db.prepare('PRAGMA data_version').get()?.data_version)
    if (version === seen) return 'quiet'
    if (!isAttached(db)) return 'detached'
    const links = linksOf(db)
    lanes = [...new Set(links.map(({ lane }) => lane))]
    const before = [seen, schema]
    schema = String(db.prepare('PRAGMA schema_version').get()?.schema_version)
    const marked = links.some(
      ({ id }) => db?.prepare(`SELECT 1 FROM tidemark_dirty_${id} LIMIT 1`).get() !== undefined,
    )
    seen = version
    // The first look, or tables that were rebuilt: triggers may be gone, and nothing marked.
    return marked || before[0] === '' || before[1] !== schema ? 'changed' : 'quiet'
  }
  return {
    async look() {
      try {
        return await look()
      } catch {
        // Locked, or in the middle of being written: the next look sees it.
        shut()
        return 'quiet'
      }
    },
    get lanes() {
      return lanes
    },
    close() {
      watcher?.close()
      shut()
    },
  }
}

/** The folder, because SQLite and others replace files in it; without a watcher there is still the look each second. */
function watcherOf(path: string, nudge: () => void): FSWatcher | undefined {
  const name = basename(path)
  try {
    const watcher = watch(dirname(path), (_event, changed) => {
      if (changed?.startsWith(name)) nudge()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
