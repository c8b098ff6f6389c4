import { setTimeout as timeout } from 'node:timers/promises'
import { Command } from 'commander'
import { type Client, createClient } from './client.ts'
import { readServer, type Server } from './config.ts'
import type { Exit } from './exit.ts'
import { cleaned, Refusal, refusal } from './failure.ts'
import { type HttpDeps, httpFor } from './http.ts'
import { type Remote, remoteOf } from './laptop/remote.ts'
import { type Progress, progress, SILENT } from './progress.ts'
import { type Paper, paperFor, type Surroundings } from './terminal.ts'

/** What a command may use. */
export interface Context {
  readonly surroundings: Surroundings
  /** Answers for a program: JSON on stdout, nothing else */
  readonly json: boolean
  readonly progress: Progress
  /** A client of the Tidemark that this machine is signed in to */
  connect(): Promise<Client & { readonly server: Server }>
  /** Asks the same, where it can be reached soon; else the answer is why not. For what a command can do without. */
  reach<T>(question: (client: Client) => Promise<T>): Promise<T | Refusal>
  /** A client of any Tidemark */
  clientOf(url: string, token: string | null): Client
  /** The device protocol of the Tidemark that this machine is signed in to */
  device(): Promise<{ readonly remote: Remote; readonly server: Server }>
  wait(ms: number, stop?: AbortSignal): Promise<void>
  /** Writes the answer: as it is, or as lines for a person */
  show<T>(answer: T, inWords: (answer: T, paper: Paper) => readonly string[]): void
  /** A line for a person beside the answer */
  note(line: (paper: Paper) => string): void
}

/** A command's work. It answers with the exit code. */
type Work<Args extends readonly unknown[]> = (context: Context, ...args: Args) => Promise<Exit>

type Json = { readonly json?: true }

/** `declare` says what the command is; `work` gets its arguments and, last, its options. */
export function command<Args extends readonly unknown[]>(
  declare: (command: Command) => Command,
  work: Work<Args>,
) {
  return (surroundings: Surroundings, done: (exit: Exit) => void): Command => {
    const made = declare(new Command()).option('--json', 'answer in JSON, for programs')
    return made.action(async (...given: [...Args, Command]) => {
      const context = contextOf(surroundings, made.opts<Json>().json === true)
      try {
        done(await work(context, ...(given.slice(0, -1) as unknown as Args)))
      } finally {
        context.progress.end()
      }
    })
  }
}

function contextOf(surroundings: Surroundings, json: boolean): Context {
  const { env, stdout, stderr } = surroundings
  const own = json ? SILENT : progress(surroundings)
  const http: HttpDeps = {
    fetch,
    wait: (ms) => timeout(ms),
    onWait: (seconds) => own.say(`The server asks for patience: ${seconds} s`),
  }
  const clientOf = (url: string, token: string | null) => createClient(url, token, http)
  const connect = async () => {
    const server = await readServer(env)
    return { ...clientOf(server.url, server.token), server }
  }
  return {
    surroundings,
    json,
    progress: own,
    clientOf,
    connect,
    async reach(question) {
      const late = timeout(SOON, undefined, { ref: false }).then(() => {
        throw tooLate()
      })
      try {
        return await Promise.race([connect().then(question), late])
      } catch (error) {
        if (error instanceof Refusal) return error
        throw error
      }
    },
    async device() {
      const server = await readServer(env)
      return { remote: remoteOf(server.url, httpFor(server.url, server.token, http)), server }
    },
    wait: (ms, signal) => timeout(ms, undefined, { signal }),
    show(answer, inWords) {
      own.end()
      if (json) stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
      else
        for (const line of inWords(cleaned(answer), paperFor(stdout, surroundings))) stdout.write(`${line}\n`)
    },
    note(line) {
      own.end()
      if (!json) stderr.write(`${line(paperFor(stderr, surroundings))}\n`)
    },
  }
}

/** Milliseconds that a command waits for an answer that it can do without. */
const SOON = 5_000

const tooLate = () =>
  refusal('unreachable', {
    title: 'No answer',
    detail: `The server did not answer within ${SOON / 1_000} s.`,
    mend: 'Check the network, then run the same command again.',
  })
