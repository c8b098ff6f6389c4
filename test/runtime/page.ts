import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ROOT } from '../../cli/deploy/workers.ts'

/** Builds web/dist by vite, unless it was built from the very same files already. */
export async function page(): Promise<void> {
  const hash = await hashOfSources()
  const built = await readFile(MARK, 'utf8').catch(() => '')
  if (built === hash && existsSync(join(ROOT, 'web/dist/index.html'))) return
  await vite(['build', 'web', '--logLevel', 'warn'])
  await mkdir(dirname(MARK), { recursive: true })
  await writeFile(MARK, hash)
}

const MARK = join(ROOT, 'node_modules/.cache/tidemark/page')

/** What the page is made of: its own folder, the wire's schemas, and the packages. */
async function hashOfSources(): Promise<string> {
  const files = ['package-lock.json', ...(await filesIn('web')), ...(await filesIn('sync/protocol'))].sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(ROOT, file)))
  return hash.digest('hex')
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true })
  const files = entries.map((entry) => join(folder, entry)).filter((path) => !path.startsWith('web/dist'))
  return files.filter((path) => /\.\w+$/.test(path))
}

function vite(args: string[]): Promise<void> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A test runner says NODE_ENV=test, and vite would build a page for development.
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The page can't be built:\n${said}`)),
    )
  })
}
