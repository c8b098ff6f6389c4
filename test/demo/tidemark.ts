import { PATHS } from './home.ts'

// npm run laptop: the command line as the demo's laptop, signed in as it is.
process.env.TIDEMARK_CONFIG ??= PATHS.laptopConfig
await import('../../cli/tidemark.ts')
