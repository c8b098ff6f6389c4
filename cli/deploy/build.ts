import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { WranglerFailure } from './cloudflare.ts'
import type { WorkerConfig } from './workers.ts'
import type { Wrangler } from './wrangler.ts'

/** A Worker that is ready to go up. */
export type Built = {
  name: string
  /** The script, gzipped, in bytes */
  gzip: number
  /** Names the content: script, configuration and pages. A database's id is not in it: its name is */
  tag: string
}

/** Writes the configurations into the folder and builds each Worker, without any network. */
export async function build(
  wrangler: Wrangler,
  configs: readonly WorkerConfig[],
  folder: string,
): Promise<Built[]> {
  mkdirSync(folder, { recursive: true })
  const built: Built[] = []
  for (const config of configs) {
    const file = writeConfig(folder, config)
    const outdir = join(folder, config.name)
    rmSync(outdir, { recursive: true, force: true })
    const result = await wrangler(['deploy', '--dry-run', '--config', file, '--outdir', outdir])
    if (result.code !== 0) throw new WranglerFailure(`build ${config.name}`, result)
    const script = readFileSync(join(outdir, 'index.js'))
    built.push({ name: config.name, gzip: gzipSync(script).byteLength, tag: tagOf(config, script) })
  }
  return built
}

export function writeConfig(folder: string, config: WorkerConfig): string {
  const file = join(folder, `${config.name}.json`)
  writeFileSync(file, JSON.stringify(config, null, 2))
  return file
}

/** Cloudflare takes tags of up to 25 characters. */
function tagOf(config: WorkerConfig, script: Buffer): string {
  const hash = createHash('sha256').update(script).update(JSON.stringify(config))
  for (const path of config.assets ? filesIn(config.assets.directory) : [])
    hash.update(path).update(readFileSync(path))
  return hash.digest('hex').slice(0, 20)
}

/** None where there is no folder: that is for wrangler to say. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
