import { configDefaults, defineConfig } from 'vitest/config'

// Tests that run the five Workers; they share one build of page and Workers.
const STACK = ['test/stack/**/*.test.ts', 'test/web/**/*.test.ts']

export default defineConfig({
  test: {
    // Two cores: a runtime (workerd) per worker process is as much as they carry.
    maxWorkers: 2,
    setupFiles: ['test/generated.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...STACK],
        },
      },
      { extends: true, test: { name: 'stack', include: STACK, globalSetup: 'test/runtime/prepare.ts' } },
    ],
  },
})
