import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

// `npm pack` runs this: the command with everything that it needs in one folder, so that installing it brings nothing else.

const root = join(import.meta.dirname, '..')

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true, target: 'node' },
  build: { ssr: 'cli/tidemark.ts', outDir: 'dist/cli', emptyOutDir: true, target: 'node20', minify: true },
})
await chmod(join(root, 'dist/cli/tidemark.js'), 0o755)
