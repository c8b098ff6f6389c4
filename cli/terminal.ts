import pc from 'picocolors'

export type Paint = ReturnType<typeof pc.createColors>

/** What a text for people is laid out for. */
export interface Paper {
  readonly paint: Paint
  /** Columns; Infinity where nobody looks at a screen */
  readonly width: number
  /** Milliseconds: relative times count from here */
  readonly now: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The streams and surroundings of the process, or a test's own. */
export interface Surroundings {
  readonly env: Environment
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly now: () => number
}

export function paperFor(stream: NodeJS.WriteStream, { env, now }: Surroundings): Paper {
  return {
    paint: pc.createColors(hasColours(stream, env)),
    width: stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY,
    now: now(),
  }
}

/** picocolors would also colour the logs of a CI; only a screen gets colours here, or who asks with FORCE_COLOR. */
function hasColours(stream: NodeJS.WriteStream, env: Environment): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY && env.TERM !== 'dumb'
}
