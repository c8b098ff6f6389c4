import { rmSync } from 'node:fs'
import { HOME, homeHolder } from './home.ts'

const holder = homeHolder()
if (holder !== null) {
  console.error(`Tidemark is running (process ${holder}). Stop it with Ctrl-C first; nothing was removed.`)
  process.exitCode = 1
} else {
  rmSync(HOME, { recursive: true, force: true })
  console.log(`Removed ${HOME}. The next npm start begins anew.`)
}
