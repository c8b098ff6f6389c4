import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { configPath } from '../config.ts'
import type { Environment } from '../terminal.ts'

/** Files of this machine that are attached, so that `tidemark sync` needs no name. What they are stands in themselves. */
const pathOf = (env: Environment) => join(dirname(configPath(env)), 'attached.json')

export async function attachedFiles(env: Environment): Promise<string[]> {
  try {
    return z.array(z.string()).parse(JSON.parse(await readFile(pathOf(env), 'utf8')))
  } catch {
    // A list that is lost costs a name on the command line, and nothing else.
    return []
  }
}

export const rememberFile = (env: Environment, file: string) =>
  change(env, (files) => [...files.filter((one) => one !== file), file])

export const forgetFile = (env: Environment, file: string) =>
  change(env, (files) => files.filter((one) => one !== file))

async function change(env: Environment, to: (files: string[]) => string[]): Promise<void> {
  const path = pathOf(env)
  const draft = `${path}.${process.pid}`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(draft, `${JSON.stringify(to(await attachedFiles(env)), null, 2)}\n`)
  await rename(draft, path)
}
