import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { main } from '../../cli/program.ts'
import type { Surroundings } from '../../cli/terminal.ts'
import { type FakeServer, TOKEN } from './fake-server.ts'

/** A command in this process, before a person at a terminal who types `answer` to each question. */
export async function atTerminal(
  server: FakeServer,
  words: readonly string[],
  answer: string,
  env: Record<string, string> = {},
) {
  const stream = () =>
    Object.assign(new PassThrough(), { isTTY: true, columns: 200, setRawMode: () => undefined })
  const [stdin, stdout, stderr] = [stream(), stream(), stream()]
  const said = { out: '', err: '' }
  stdout.on('data', (text) => {
    said.out += String(text)
  })
  stderr.on('data', (text) => {
    said.err += String(text)
    if (String(text).includes('[y/N]')) stdin.write(`${answer}\r`)
  })
  const surroundings = {
    env: { TIDEMARK_URL: server.url, TIDEMARK_TOKEN: TOKEN, ...env },
    stdin,
    stdout,
    stderr,
    now: Date.now,
  }
  const exit = await main(words, surroundings as unknown as Surroundings)
  return { exit, out: stripVTControlCharacters(said.out), err: stripVTControlCharacters(said.err) }
}
