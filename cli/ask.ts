import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Surroundings } from './terminal.ts'

/** Asks on the terminal. null: there is no terminal. A `secret` is not shown while it is typed. */
export async function ask(
  { stdin, stderr }: Surroundings,
  question: string,
  how: 'secret' | 'shown' = 'secret',
): Promise<string | null> {
  if (!stdin.isTTY || !stderr.isTTY) return null
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: stdin,
    output: how === 'secret' ? nowhere : stderr,
    terminal: true,
  })
  if (how === 'secret') stderr.write(question)
  // Ctrl-C and Ctrl-D answer nothing.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(how === 'secret' ? '' : question), closed])
  } finally {
    lines.close()
    if (how === 'secret') stderr.write('\n')
  }
}
