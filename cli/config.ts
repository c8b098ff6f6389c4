import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { refusal } from './failure.ts'
import type { Environment } from './terminal.ts'

/** One Tidemark and who we are there. */
export interface Server {
  readonly url: string
  readonly token: string
}

const Stored = z.object({ url: z.url({ protocol: /^https?$/ }), token: z.string().min(1) })

export function configPath(env: Environment): string {
  return (
    env.TIDEMARK_CONFIG || join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'tidemark', 'config.json')
  )
}

/** TIDEMARK_URL and TIDEMARK_TOKEN win. A stored token is only ever sent to the address that it was stored with. */
export async function readServer(env: Environment): Promise<Server> {
  const stored = env.TIDEMARK_URL && env.TIDEMARK_TOKEN ? null : await readStored(env)
  const url = env.TIDEMARK_URL ? addressOf(env.TIDEMARK_URL).url : stored?.url
  const token = env.TIDEMARK_TOKEN || (stored && stored.url === url ? stored.token : undefined)
  if (url && token) return { url, token }
  throw refusal('not_signed_in', {
    title: 'Not signed in',
    detail: url ? `There is no token for ${url}.` : 'No Tidemark is set up here.',
    mend: `Run: tidemark login ${url ?? 'URL'}`,
  })
}

export async function readStored(env: Environment): Promise<Server | null> {
  const path = configPath(env)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unusable(path, (error as Error).message)
  }
  const parsed = Stored.safeParse(jsonOf(text))
  if (!parsed.success) throw unusable(path, 'it does not hold a url and a token')
  return parsed.data
}

/** Renamed into place, so that it is never half written and never readable by others. */
export async function writeStored(env: Environment, server: Server): Promise<string> {
  const path = configPath(env)
  const draft = `${path}.${process.pid}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(draft, `${JSON.stringify(server, null, 2)}\n`, { mode: 0o600 })
    await chmod(draft, 0o600)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw unusable(path, (error as Error).message)
  }
  return path
}

export const removeStored = (env: Environment) => rm(configPath(env), { force: true })

/** An address as a person types or copies it: without scheme, with a path, or a sign-in link with its code. */
export function addressOf(text: string): { url: string; code?: string } {
  const isLocal = /^(localhost|127\.|\[::1\])/.test(text)
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `${isLocal ? 'http' : 'https'}://${text}`)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw refusal('bad_address', {
      title: 'Not an address',
      detail:
        'The address of a Tidemark is like https://tidemark.example.com, without user name or password.',
      mend: 'Copy it from the browser.',
    })
  }
  const code = new URLSearchParams(url.hash.slice(1)).get('code')
  return { url: url.origin, ...(code ? { code } : {}) }
}

function unusable(path: string, why: string) {
  return refusal('config', {
    title: 'The settings cannot be used',
    detail: `${path}: ${why}.`,
    mend: 'Correct or remove the file, then run: tidemark login URL',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
