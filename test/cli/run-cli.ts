import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TOKEN } from './fake-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLI = join(ROOT, 'cli/tidemark.ts')
/** What is compiled once is shared: a home of its own would begin anew each time. */
const CACHE = join(ROOT, 'node_modules/.cache')

export interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

export interface Machine {
  /** A folder of this machine's own */
  readonly home: string
  readonly config: string
  /** Runs `tidemark` with these words, as a process */
  run(words: readonly string[], options?: { stdin?: string; env?: Record<string, string> }): Promise<Ended>
  start(
    words: readonly string[],
    options?: { env?: Record<string, string> },
  ): { readonly child: ChildProcessWithoutNullStreams; readonly ended: Promise<Ended> }
  remove(): void
}

/** A machine with a home of its own; signed in to `server` by its environment where one is given. */
export function machine(server?: { readonly url: string; readonly token?: string }): Machine {
  const home = mkdtempSync(join(tmpdir(), 'tidemark-cli-'))
  const signedIn = server ? { TIDEMARK_URL: server.url, TIDEMARK_TOKEN: server.token ?? TOKEN } : {}
  const start: Machine['start'] = (words, { env = {} } = {}) => {
    const child = spawn(process.execPath, [CLI, ...words], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: CACHE, TZ: 'UTC', ...signedIn, ...env },
    })
    return { child, ended: end(child) }
  }
  return {
    home,
    config: join(home, '.config/tidemark/config.json'),
    start,
    run(words, { stdin = '', ...options } = {}) {
      const { child, ended } = start(words, options)
      child.stdin.end(stdin)
      return ended
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

function end(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, ...said })))
}
