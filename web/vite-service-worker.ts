import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const source = fileURLToPath(new URL('review/src/worker.ts', import.meta.url))

/**
 * Builds review-sw.js after the pages: one classic script, because not every browser takes modules there, that knows the
 * files of its page and a digest of them.
 */
export function serviceWorker(): Plugin {
  return {
    name: 'review-service-worker',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const html = readFileSync(join(dir, 'review.html'), 'utf8')
      const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path)
      const digest = createHash('sha256').update(html)
      for (const file of files) digest.update(file).update(readFileSync(join(dir, file)))
      await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        define: {
          __FILES__: JSON.stringify(['/review', ...files]),
          __VERSION__: JSON.stringify(digest.digest('hex').slice(0, 12)),
        },
        build: {
          outDir: dir,
          emptyOutDir: false,
          target: 'es2023',
          rolldownOptions: { input: source, output: { format: 'iife', entryFileNames: 'review-sw.js' } },
        },
      })
    },
  }
}
