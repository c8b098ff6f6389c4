import { duration, shorten } from './print.ts'
import { paperFor, type Surroundings } from './terminal.ts'

/** Tells a person, on stderr, that long work moves. */
export interface Progress {
  /** What is being done now */
  say(text: string): void
  /** Takes the line away, before anything else is written */
  end(): void
}

export const SILENT: Progress = { say() {}, end() {} }

/** One line that moves on a screen; elsewhere a line for each new text. */
export function progress(surroundings: Surroundings): Progress {
  const { stderr } = surroundings
  return stderr.isTTY && surroundings.env.TERM !== 'dumb' ? spinner(surroundings) : lines(stderr)
}

function lines(stderr: NodeJS.WriteStream): Progress {
  let last = ''
  return {
    say(text) {
      if (text !== last) stderr.write(`${text}\n`)
      last = text
    },
    end() {},
  }
}

function spinner(surroundings: Surroundings): Progress {
  const { stderr, now } = surroundings
  const { paint } = paperFor(stderr, surroundings)
  const began = now()
  let text = ''
  let frame = 0
  let timer: NodeJS.Timeout | undefined

  const draw = () => {
    const elapsed = now() - began
    const line = elapsed < PATIENCE ? text : `${text}  ${duration(elapsed)}`
    stderr.write(
      `\r\x1b[K${paint.cyan(FRAMES[frame++ % FRAMES.length] ?? '')} ${shorten(line, stderr.columns - 3)}`,
    )
  }
  return {
    say(next) {
      text = next
      timer ??= setInterval(draw, 80).unref()
      draw()
    },
    end() {
      if (!timer) return
      clearInterval(timer)
      timer = undefined
      stderr.write('\r\x1b[K')
    },
  }
}

/** Milliseconds after which the line says for how long. */
const PATIENCE = 3_000

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
