import type { Answer, RemoteFailure, Warning } from '../../engine/ports.ts'
import type { MetricName } from '../../protocol/smart-sync.ts'

/** An account that a platform is asked about. */
export interface ReaderAccount {
  readonly id: string
  readonly platform: string
  readonly profileUrl: string
  readonly username: string | null
}

export interface PlatformReading {
  readonly account_id: string
  readonly metric: MetricName
  readonly value: number
  /** When it was read, milliseconds */
  readonly at: number
}

export interface ReaderAnswer {
  readonly readings: readonly PlatformReading[]
  readonly warnings: readonly Warning[]
}

/** Asks a platform for the numbers of accounts. Accounts of other platforms are passed by. */
export interface PlatformReader {
  /** Under which name its readings are kept */
  readonly source: string
  /** Fails only if nothing at all could be read; what went wrong with some accounts is a warning. */
  read(accounts: readonly ReaderAccount[]): Promise<Answer<ReaderAnswer>>
}

/** What became of one question. `stop`: the same would happen to all further ones. */
export type Asked =
  | { readonly ok: true; readonly answer: ReaderAnswer }
  | { readonly ok: false; readonly failure: RemoteFailure; readonly stop: boolean }

/** A question about some accounts. */
export interface Question {
  readonly accounts: readonly ReaderAccount[]
  readonly ask: () => Promise<Asked>
}

/** Questions at one time: platforms count bursts as abuse. */
const AT_ONCE = 4

/** Asks all questions, a few at a time, and puts the answers together. */
export async function askAll(questions: readonly Question[]): Promise<Answer<ReaderAnswer>> {
  const readings: PlatformReading[] = []
  const warnings: Warning[] = []
  let answered = 0
  let failure: RemoteFailure | null = null
  let stopped: RemoteFailure | null = null
  const left = questions.values()
  const worker = async () => {
    for (const question of left) {
      const asked: Asked = stopped ? { ok: false, failure: stopped, stop: true } : await question.ask()
      if (asked.ok) {
        answered++
        readings.push(...asked.answer.readings)
        warnings.push(...asked.answer.warnings)
        continue
      }
      failure ??= asked.failure
      if (asked.stop) stopped ??= asked.failure
      warnings.push(...question.accounts.map((account) => notRead(account, asked.failure.reason)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (failure && answered === 0) return { ok: false, failure }
  return { ok: true, value: { readings, warnings } }
}

/** The account keeps its numbers, and a person is told why. */
export const notRead = ({ profileUrl }: ReaderAccount, reason: string): Warning => ({
  kind: 'not_read',
  message: reason,
  where: profileUrl,
})

/** A count as platforms state it: a whole number, or its digits as text. */
export function strictCount(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}
