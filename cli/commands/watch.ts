import { connect } from 'node:net'
import { type Context, command } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { inWords, refusal } from '../failure.ts'
import { deliver } from '../laptop/deliver.ts'
import { openEyes } from '../laptop/eyes.ts'
import { filesOf, syncOne } from '../laptop/open.ts'
import { refreshSettings, settingsIn } from '../laptop/refresh.ts'
import { type Told, type WatchDeps, watchFiles } from '../laptop/watching.ts'
import { openLive } from '../live.ts'
import { wholeNumber } from '../options.ts'
import { type Paper, paperFor } from '../terminal.ts'
import { isFine, reportInWords } from './sync-words.ts'

export const watch = command(
  (declared) =>
    declared
      .name('watch')
      .summary('keep attached files in sync until Ctrl-C')
      .description(
        'Stays, and syncs whenever a program changes the file, the server tells of news or asks for a sync, the network is back, the machine wakes up, or some minutes have passed. It may be stopped and started at any time.',
      )
      .argument('[file]', 'an attached SQLite file; without it, all that are attached here')
      .option(
        '--every <minutes>',
        'sync at least so often; without it, as an admin set it, or every 5',
        wholeNumber(1, 1_440),
      )
      .addHelpText(
        'after',
        `
With --json it writes one JSON object a line: {"type": "synced" | "failed" | "offline" | "online" | …}.

Exit codes: 0 stopped, and in step; 1 stopped, and something waits for a person; 2 failed, or stopped
before a sync had ended.`,
      ),
  async (context, given: string | undefined, { every }: { every?: number }) => {
    const files = await filesOf(context, given)
    if (files.length === 0) throw nothing()
    const { server, remote } = await context.device()
    const stop = stopSignal()
    // Until the first sync has ended, none of them is in step.
    const last = new Map<string, Exit>(files.map((file) => [file, EXIT.failed]))
    const tell = teller(context, (told) => {
      if (told.type === 'synced') last.set(told.file, isFine(told.report) ? EXIT.fine : EXIT.attention)
      if (told.type === 'failed') last.set(told.file, EXIT.failed)
      if (told.type === 'detached') last.delete(told.file)
    })
    const deps: WatchDeps = {
      now: context.surroundings.now,
      wait: (ms, signal) => context.wait(ms, signal).catch(() => undefined),
      sync: async (file) => {
        const report = await syncOne(context, file)
        context.progress.end()
        return report
      },
      eyes: openEyes,
      settings: (file) => settingsIn(context, file),
      refresh: (all) => refreshSettings(context, remote, all),
      report: (outcomes, nudge) => void deliver(remote, outcomes, nudge),
      listen: (lane, hear) =>
        openLive(
          server,
          lane,
          (event) => {
            if (event.type === 'version') hear()
            if (event.type === 'sync') hear(event.id)
          },
          () => hear(),
        ),
      isThere: () => answers(new URL(server.url)),
      tell,
    }
    context.note(({ paint }) => paint.dim(`Watching ${files.join(', ')}; Ctrl-C ends it`))
    // What is on its way when a person stops is repeated by the next sync: nobody has to wait for it.
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()))
    await Promise.race([watchFiles(files, every === undefined ? null : every * 60_000, stop, deps), stopped])
    return (
      ([EXIT.failed, EXIT.attention] as const).find((exit) => [...last.values()].includes(exit)) ?? EXIT.fine
    )
  },
)

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

/** Whether anything listens there; nothing is asked. */
function answers({ hostname, port, protocol }: URL): Promise<boolean> {
  const at = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  }
  return new Promise((resolve) => {
    const socket = connect({ ...at, timeout: 5_000 })
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}

function teller(context: Context, keep: (told: Told) => void): WatchDeps['tell'] {
  const { surroundings, json } = context
  const { stdout } = surroundings
  return (told) => {
    keep(told)
    context.progress.end()
    if (json) {
      const shown = told.type === 'failed' ? { ...told, error: told.error.problem } : told
      stdout.write(`${JSON.stringify({ at: new Date(surroundings.now()).toISOString(), ...shown })}\n`)
      return
    }
    const paper = paperFor(stdout, surroundings)
    const clock = paper.paint.dim(new Date(paper.now).toTimeString().slice(0, 8))
    for (const [i, line] of linesOf(told, paper).entries())
      stdout.write(`${i === 0 ? clock : ' '.repeat(8)}  ${line}\n`)
  }
}

/** A sync that found nothing is no news. */
function linesOf(told: Told, paper: Paper): string[] {
  const { paint } = paper
  if (told.type === 'synced') {
    const { rows, deleted, went, notes, unplaced } = told.report
    const isNews = rows + deleted + went + notes.length + unplaced.length > 0
    return isNews ? reportInWords({ ...told.report, file: told.file }, paper) : []
  }
  if (told.type === 'failed') return inWords(told.error.problem, paper)
  if (!('file' in told)) return [NEWS[told.type]]
  if (told.type === 'away') return [paint.yellow(`${told.file} is not there; waiting for it`)]
  return [told.type === 'back' ? `${told.file} is there again` : `${told.file} was detached`]
}

const NEWS = {
  offline: 'No answer from the server; it is looked for every 30 s, and nothing is lost',
  online: 'The server answers again',
  woke: 'The machine was asleep',
}

const nothing = () =>
  refusal('which_file', {
    title: 'No file is attached',
    detail: 'There is nothing to watch.',
    mend: 'Run: tidemark attach FILE --table products --as listings',
  })
