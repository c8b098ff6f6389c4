import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { V4WorkerOptions } from 'miniflare'
import { CONFIG_FILES, ROOT } from '../../cli/deploy/workers.ts'
import { wrangler } from '../../cli/deploy/wrangler.ts'

/** A Worker as wrangler would upload it, and its bindings as wrangler would run them locally. */
export type Bundle = { name: string; script: string; options: V4WorkerOptions }

/**
 * The five Workers, built by `wrangler deploy --dry-run`. A bundle is built again only when its configuration,
 * the lockfile or a file that went into it has changed; two at a time, for two cores.
 */
export async function bundles(root: string = ROOT): Promise<Bundle[]> {
  const files = [...CONFIG_FILES]
  const built = new Map<string, Bundle>()
  const builder = async () => {
    for (let file = files.shift(); file; file = files.shift()) {
      built.set(file, (await cached(root, file)) ?? (await build(root, file)))
    }
  }
  await Promise.all([builder(), builder()])
  return CONFIG_FILES.flatMap((file) => built.get(file) ?? [])
}

/** What a bundle was made of: the files of the project that went in, and their hash. */
type Made = { inputs: string[]; hash: string; bundle: Bundle }

async function cached(root: string, file: string): Promise<Bundle | null> {
  const text = await readFile(join(folderOf(root, file), 'made.json'), 'utf8').catch(() => null)
  if (text === null) return null
  const made = JSON.parse(text) as Made
  return (await hashOf(root, made.inputs)) === made.hash ? made.bundle : null
}

async function build(root: string, file: string): Promise<Bundle> {
  const folder = folderOf(root, file)
  const fresh = `${folder}.${randomUUID()}`
  const begun = Date.now()
  const args = ['deploy', '--dry-run', '--config', join(root, file), '--outdir', fresh, '--metafile']
  const out = await wrangler(args)
  if (out.code !== 0) throw new Error(`${file} can't be built:\n${out.stdout}${out.stderr}`)

  const meta = JSON.parse(await readFile(join(fresh, 'bundle-meta.json'), 'utf8')) as Meta
  const { config, options } = await localOptions(join(root, file))
  const assets = config.assets?.directory
  const inputs = [
    file,
    'package-lock.json',
    ...Object.keys(meta.inputs).flatMap((input) => projectFile(root, join(root, file, '..'), input)),
    // Rules that the assets folder itself carries; they are part of the options.
    ...(assets
      ? ['_headers', '_redirects'].map((rule) => join(relative(root, resolve(root, assets)), rule))
      : []),
  ]
  const bundle: Bundle = {
    name: config.name ?? file,
    script: join(folder, 'index.js'),
    // Only what the file says: a developer's .dev.vars or environment is nothing to the tests.
    options: { ...options, bindings: config.vars },
  } as Bundle
  // A file that was saved while wrangler read it may or may not be in the bundle: built again next time.
  const settled = (await lastChange(root, inputs)) < begun
  const made: Made = { inputs, hash: settled ? await hashOf(root, inputs) : 'changed meanwhile', bundle }
  await writeFile(join(fresh, 'made.json'), JSON.stringify(made))

  // Another process may build the same at the same time: whole folders change places, and the last one wins.
  await mkdir(resolve(folder, '..'), { recursive: true })
  await rename(folder, `${fresh}.old`).catch(() => undefined)
  await rename(fresh, folder)
  await rm(`${fresh}.old`, { recursive: true, force: true })
  return bundle
}

type Meta = { inputs: Record<string, unknown> }

/** wrangler takes over half a second to load: only when something must be built. */
async function localOptions(configPath: string) {
  process.env.WRANGLER_LOG ??= 'error'
  const { unstable_getMiniflareWorkerOptions, unstable_readConfig } = await import('wrangler')
  const config = unstable_readConfig({ config: configPath })
  const { modulesRules: _, ...options } = unstable_getMiniflareWorkerOptions(config).workerOptions
  return { config, options }
}

/**
 * A file of the project that went into a bundle. wrangler names inputs from the folder of its configuration. Packages
 * change with the lockfile only, and what wrangler injects changes with wrangler.
 */
function projectFile(root: string, folder: string, input: string): string[] {
  const path = relative(root, resolve(folder, input))
  return path.startsWith('..') || path.includes('node_modules') || !existsSync(join(root, path)) ? [] : [path]
}

async function lastChange(root: string, inputs: readonly string[]): Promise<number> {
  const times = inputs.map((input) =>
    stat(join(root, input)).then(
      (stats) => stats.mtimeMs,
      () => 0,
    ),
  )
  return Math.max(...(await Promise.all(times)))
}

async function hashOf(root: string, inputs: readonly string[]): Promise<string> {
  // The options hold absolute paths: a repository that was moved builds anew; so does another way of building.
  const hash = createHash('sha256')
    .update(root)
    .update(await readFile(import.meta.filename))
  for (const input of inputs) {
    const content = await readFile(join(root, input)).catch(() => 'absent')
    hash.update(`${input}\0`).update(content).update('\0')
  }
  return hash.digest('hex')
}

const folderOf = (root: string, file: string) =>
  join(root, 'node_modules/.cache/tidemark/bundles', file.replaceAll('/', '-').replace('-wrangler.toml', ''))
