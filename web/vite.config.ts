import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { serviceWorker } from './vite-service-worker.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [swaggerUi(), serviceWorker()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A data: address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    // Every browser that knows light-dark() preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [here('index.html'), here('review.html')] },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
})

/** The two files that the gateway's /docs page refers to. */
function swaggerUi(): Plugin {
  return {
    name: 'swagger-ui',
    apply: 'build',
    async buildStart() {
      for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
        const file = await this.resolve(`swagger-ui-dist/${name}`)
        if (!file) throw new Error(`swagger-ui-dist/${name} is missing: run npm ci`)
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source: await this.fs.readFile(file.id) })
      }
    },
  }
}
