import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ROOT } from '../../cli/deploy/workers.ts'

/** Where the demo keeps everything that survives a restart. */
export const HOME = resolve(process.env.TIDEMARK_HOME ?? join(ROOT, '.tidemark'))

export const PATHS = {
  /** D1 and the Durable Objects */
  state: join(HOME, 'state'),
  /** Emulated Google and YouTube: spreadsheets, people, channels, quotas */
  emulators: join(HOME, 'emulators.json'),
  /** Emulated ERP: its four lists and the details of orders */
  erp: join(HOME, 'erp.json'),
  /** What the demo's laptop has: its own SQLite file, and who it is */
  laptopFile: join(HOME, 'laptop/products.db'),
  laptopConfig: join(HOME, 'laptop/config.json'),
  laptopLog: join(HOME, 'laptop/watch.log'),
  /** The bot that reads the reference tables: its token, and what it did */
  botToken: join(HOME, 'bot.token'),
  botLog: join(HOME, 'bot.log'),
  keys: join(HOME, 'keys.json'),
  log: join(HOME, 'workers.log'),
  lock: join(HOME, 'running'),
}

/** Takes the folder for this process. Answers the id of the process that has it already, if one does. */
export function takeHome(): number | null {
  mkdirSync(HOME, { recursive: true, mode: 0o700 })
  const holder = homeHolder()
  if (holder !== null) return holder
  writeFileSync(PATHS.lock, String(process.pid))
  return null
}

export function leaveHome(): void {
  rmSync(PATHS.lock, { force: true })
}

/** The living process that uses the folder. A lock that a crash left behind holds nobody up. */
export function homeHolder(): number | null {
  try {
    const pid = Number(readFileSync(PATHS.lock, 'utf8'))
    process.kill(pid, 0)
    return pid === process.pid || isSomethingElse(pid) ? null : pid
  } catch {
    return null
  }
}

/** Process ids are used again: where /proc can tell, only a demo counts. */
function isSomethingElse(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('test/demo/start')
  } catch {
    return false
  }
}
