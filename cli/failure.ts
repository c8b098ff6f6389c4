import { stripVTControlCharacters } from 'node:util'
import type { Problem } from '../sync/protocol/common.ts'
import type { Paper } from './terminal.ts'

/**
 * Ends a command with exit code 2. Thrown, not returned: whatever goes wrong in a command ends it, and the few that go
 * on (following a run, sending in chunks) say so where they catch it.
 */
export class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** A failure that the command line states itself, in the same form as the server's. */
export function refusal(
  reason: string,
  {
    title,
    detail,
    kept = 'Nothing was changed.',
    mend,
  }: Record<'title' | 'detail' | 'mend', string> & { kept?: string },
): Refusal {
  return new Refusal({ type: `urn:tidemark:cli:${reason}`, title, status: 0, detail, kept, mend })
}

/** The answer; or why this token may not have it, which is no failure of whoever asked for something else too. */
export async function unlessForbidden<T>(answer: Promise<T>): Promise<T | Refusal> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 403) return error
    throw error
  }
}

/** What happened, what was kept, what to do. */
export function inWords({ title, detail, kept, mend, errors = [] }: Problem, { paint }: Paper): string[] {
  return [
    `${paint.red('✗')} ${paint.bold(clean(title))}`,
    `  ${clean(detail)}`,
    ...errors.map(({ path, message }) => `    ${paint.yellow(clean(path || 'body'))}  ${clean(message)}`),
    `  ${paint.dim('Kept')}   ${clean(kept)}`,
    `  ${paint.dim('To do')}  ${clean(mend)}`,
  ]
}

/** Text of a sheet or a server must not steer the terminal: no escape sequences, no control or reordering characters. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\t\n\r]+/g, ' ')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** The same for every string in an answer, before it is shown to a person. */
export function cleaned<T>(value: T): T
export function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((each) => cleaned(each as unknown))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleaned(each as unknown)]))
}
