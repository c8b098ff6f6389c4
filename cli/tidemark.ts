#!/usr/bin/env node
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// More than half of a short command's time is compiling it. The cache is the person's own: what lies in a folder that
// all share may be somebody else's code.
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidemark'))
const [{ main }, { EXIT }] = await Promise.all([import('./program.ts'), import('./exit.ts')])

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const surroundings = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
}
// Node's own code for what was not expected is 1, which here says that all but a little went well.
const exit = await main(process.argv.slice(2), surroundings).catch((error: unknown) => {
  console.error(error)
  return EXIT.failed
})

// A live socket may wait for the server's goodbye: nobody else has to, once everything is written.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exit)))
