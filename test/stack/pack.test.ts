import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../cli/deploy/workers.ts'

// What a person installs on a laptop: the packed command in a folder where nothing of this project is, with no network.

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-pack-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function npm(cwd: string, ...words: string[]) {
  const cli = process.env.npm_execpath
  const [command = 'npm', ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
  return spawnSync(command, [...first, ...words], { cwd, encoding: 'utf8' })
}

test('the packed command installs without a network and runs', () => {
  const packed = npm(ROOT, 'pack', '--json', '--pack-destination', folder)
  expect(packed.status).toBe(0)
  const tarball = /tidemark-[\d.]+\.tgz/.exec(packed.stdout)?.[0] ?? ''
  const installed = npm(
    folder,
    'install',
    '--offline',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    tarball,
  )
  expect([installed.status, installed.stderr]).toEqual([0, expect.any(String)])

  const run = (...words: string[]) =>
    spawnSync(join(folder, 'node_modules/.bin/tidemark'), words, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder },
    })
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Files of this laptop:') })
  expect(run('attach', '--help').stdout).toContain('tidemark attach Shared/products.db --table products')
  expect(run('attach', 'products.db', '--table', 'products')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Not signed in'),
  })
  const manifest = JSON.parse(
    readFileSync(join(folder, 'node_modules/tidemark/package.json'), 'utf8'),
  ) as object
  expect(manifest).not.toHaveProperty('dependencies')
})
