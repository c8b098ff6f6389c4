import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wrangler } from '../../cli/deploy/wrangler.ts'

/** The code of a Worker of this folder, bundled as a deployed one is. */
export async function builtWorker(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
  const config = ['--config', 'test/bench/wrangler.toml']
  try {
    const built = await wrangler([
      'deploy',
      `test/bench/${name}.ts`,
      '--dry-run',
      ...config,
      '--outdir',
      folder,
    ])
    if (built.code !== 0) throw new Error(built.stderr)
    return await readFile(join(folder, `${name}.js`), 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
