import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Surroundings } from './terminal.ts'

/** Asks for a secret on the terminal; what is typed is not shown. null: there is no terminal. */
export async function ask({ stdin, stderr }: Surroundings, question: string): Promise<string | null> {
  if (!stdin.isTTY || !stderr.isTTY) return null
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true })
  stderr.write(question)
  // Ctrl-C and Ctrl-D answer nothing.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(''), closed])
  } finally {
    lines.close()
    stderr.write('\n')
  }
}
