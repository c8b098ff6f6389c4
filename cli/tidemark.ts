#!/usr/bin/env node
import { main } from './program.ts'

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const exit = await main(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
})

// A live socket may wait for the server's goodbye: nobody else has to, once everything is written.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exit)))
