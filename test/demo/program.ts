import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A program of the demo's own, which ends with the demo. */
export interface Program {
  /** Settles once it has said what was waited for; rejects where it ends before */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a program, and writes down what it says. `until`: what it says when it is ready */
export function startProgram(
  script: string,
  words: readonly string[],
  { until, log, env }: { until: RegExp; log: WriteStream; env: NodeJS.ProcessEnv },
): Program {
  const child = fork(script, words, {
    env,
    execArgv: ['--import', join(import.meta.dirname, 'with-parent.ts')],
    silent: true,
  })
  child.stderr?.pipe(log, { end: false })
  const ready = new Promise<void>((resolve, reject) => {
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.write(`${line}\n`)
        if (until.test(line)) resolve()
      })
    child.once('exit', () => reject(new Error(`${script} has ended; ${log.path} says why.`)))
  })
  ready.catch(() => undefined)
  return { ready, close: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill()
  await over
}
