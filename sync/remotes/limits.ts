import type { Limit } from '../engine/gate.ts'

const MINUTE = 60_000

/** How many calls each kind of remote takes, by the first word of its gate's name and the kind of call. */
const limits: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  // 60 reads and 60 writes a minute for a service account, all its spreadsheets together; Drive counts apart:
  // https://developers.google.com/workspace/sheets/api/limits
  google: {
    read: { calls: 60, period: MINUTE },
    write: { calls: 60, period: MINUTE },
    drive: { calls: 600, period: MINUTE },
  },
  // Pages of fifty accounts, four calls at a time: the pace keeps bursts apart. YouTube's 10,000 units a day are its own to count.
  youtube: { read: { calls: 60, period: MINUTE } },
  json: { read: { calls: 10, period: MINUTE } },
}

/** The limit of a kind of call at a gate. A gate that nobody declared is a bug. */
export function limitOf(gate: string, kind: string): Limit {
  const limit = limits[gate.split(':')[0] ?? '']?.[kind]
  if (!limit) throw new Error(`no limit is declared for ${kind} calls of ${gate}`)
  return limit
}
