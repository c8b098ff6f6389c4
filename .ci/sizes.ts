import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../cli/deploy/workers.ts'
import { bundles } from '../test/runtime/bundles.ts'
import { page } from '../test/runtime/page.ts'

// What a request waits for: a Worker's script at a cold start, the page's script at the first visit. KB gzipped.
const LIMITS: Record<string, number> = {
  'tidemark-gateway': 150,
  // They carry the doors of the ERP, the collections, the linked sheets and the reference tables beside those of smart sync.
  'tidemark-smart-sync': 210,
  'tidemark-push-pull': 190,
  'tidemark-delta-check': 150,
  // It carries googleapis, and the engine with both ways of a sheet.
  'tidemark-coordinator': 310,
  'page, initial script': 60,
  'review, initial script': 60,
}

await page()
const sizes = new Map((await bundles()).map(({ name, script }) => [name, gzipped(script)]))
for (const [name, html] of [
  ['page', 'index.html'],
  ['review', 'review.html'],
] as const)
  sizes.set(
    `${name}, initial script`,
    initialScripts(html).reduce((sum, path) => sum + gzipped(path), 0),
  )

for (const [name, kilobytes] of sizes) {
  const limit = LIMITS[name] ?? 0
  const fits = kilobytes <= limit
  console.log(
    `${fits ? 'ok      ' : 'TOO BIG '} ${name.padEnd(24)} ${kilobytes.toFixed(1).padStart(7)} KB of ${limit}`,
  )
  if (!fits) process.exitCode = 1
}

/** The entry of a page and all that it imports before it can run. */
function initialScripts(page: string): string[] {
  const dist = join(ROOT, 'web/dist')
  const html = readFileSync(join(dist, page), 'utf8')
  const tags = html.match(/<(script|link)\b[^>]*>/g) ?? []
  const early = tags.filter((tag) => tag.startsWith('<script') || tag.includes('modulepreload'))
  return early
    .flatMap((tag) => /(?:src|href)="\/?([^"]+\.js)"/.exec(tag)?.[1] ?? [])
    .map((path) => join(dist, path))
}

function gzipped(path: string): number {
  return gzipSync(readFileSync(path)).byteLength / 1024
}
