import { execFile } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { ROOT } from '../../cli/deploy/workers.ts'
import { PATHS } from './home.ts'
import { type Program, startProgram } from './program.ts'

/** A laptop: a catalogue monitor that fills a SQLite file, and `tidemark watch` that keeps it in sync. */
export type Laptop = { close: () => Promise<void> }

/** @param url of Tidemark, as this machine reaches it @param code makes a pairing code @param shop where products are found */
export async function startLaptop(url: string, code: () => Promise<string>, shop: string): Promise<Laptop> {
  mkdirSync(dirname(PATHS.laptopFile), { recursive: true, mode: 0o700 })
  const log = createWriteStream(PATHS.laptopLog, { flags: 'a' })
  const programs: Program[] = []
  /** A program of the laptop; settles once it has said this. */
  const start = async (script: string, words: readonly string[], until: RegExp) => {
    const program = startProgram(script, words, { until, log, env: ENV })
    programs.push(program)
    await program.ready
  }
  const close = async () => {
    await Promise.all(programs.map((program) => program.close()))
    log.end()
  }
  try {
    await start(join(import.meta.dirname, 'monitor.ts'), [PATHS.laptopFile, shop], /^ready/)
    await pair(url, code)
    await start(CLI, ['watch', PATHS.laptopFile, '--json'], /"synced"/)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

const CLI = join(ROOT, 'cli/tidemark.ts')
const ENV = { ...process.env, TIDEMARK_CONFIG: PATHS.laptopConfig }

/** Pairs and attaches as a person would; at a second start, where all of it stands, nothing is asked. */
async function pair(url: string, code: () => Promise<string>): Promise<void> {
  if (pairedWith() !== url) await tidemark('pair', url, '--code', await code(), '--name', 'demo laptop')
  const before = attachedTo()
  if (before === url) return
  // Another port than last time is another Tidemark, as far as the file can tell.
  if (before !== null) await tidemark('detach', PATHS.laptopFile, '--force')
  await tidemark('attach', PATHS.laptopFile, '--table', 'products', '--as', 'listings')
}

const run = promisify(execFile)
const tidemark = (...words: string[]) => run(process.execPath, [CLI, ...words], { env: ENV })

function pairedWith(): string | null {
  try {
    return (JSON.parse(readFileSync(PATHS.laptopConfig, 'utf8')) as { url: string }).url
  } catch {
    return null
  }
}

function attachedTo(): string | null {
  const db = new DatabaseSync(PATHS.laptopFile, { readOnly: true, timeout: 5_000 })
  try {
    return String(db.prepare('SELECT url FROM tidemark_file').get()?.url)
  } catch {
    return null
  } finally {
    db.close()
  }
}
