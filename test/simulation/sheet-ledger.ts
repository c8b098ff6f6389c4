import type { Row, SqlValue } from '../../db/database.ts'

type Who = 'person' | 'bot' | 'admin'

/** Who said what of which row, by its mark. */
export interface Ledger {
  say(who: Who, mark: SqlValue, column: string, value: SqlValue): void
  sayAll(who: Who, mark: SqlValue, row: Row): void
  /** From now on either may be the other: one was copied from the other */
  kin(mark: SqlValue, other: SqlValue): void
  removed(who: Who, mark: SqlValue): void
  /** Somebody wanted it there again */
  wanted(mark: SqlValue): void
  /** Values that a run took on, or that an answer acknowledged: they are somewhere for good */
  readonly taken: Map<string, string>
  take(column: string, value: SqlValue, how: string): void
  isSaid(mark: SqlValue, column: string, value: SqlValue): boolean
  isAlone(mark: SqlValue): boolean
  readonly marks: ReadonlyMap<SqlValue, Marked>
}

interface Marked {
  /** By column, in the order in which it was said */
  readonly said: Map<string, { who: Who; value: SqlValue }[]>
  readonly removers: Set<Who>
  /** Somebody acted on it after it was first there */
  contested: boolean
}

/** As values are looked for where everything is kept. */
export const saidAs = (column: string, value: SqlValue): string => `${column} ${JSON.stringify(value)}`

export function ledger(): Ledger {
  const marks = new Map<SqlValue, Marked>()
  const kins = new Map<SqlValue, Set<SqlValue>>()
  const taken = new Map<string, string>()
  const of = (mark: SqlValue): Marked => {
    const found = marks.get(mark) ?? { said: new Map(), removers: new Set<Who>(), contested: false }
    marks.set(mark, found)
    return found
  }
  const kinOf = (mark: SqlValue): Set<SqlValue> => kins.get(mark) ?? new Set([mark])
  const self: Ledger = {
    marks,
    taken,
    say(who, mark, column, value) {
      const { said } = of(mark)
      said.set(column, [...(said.get(column) ?? []), { who, value }])
    },
    sayAll(who, mark, row) {
      for (const [column, value] of Object.entries(row)) self.say(who, mark, column, value)
    },
    kin(mark, other) {
      const both = new Set([...kinOf(mark), ...kinOf(other)])
      for (const each of both) kins.set(each, both)
    },
    removed: (who, mark) => void of(mark).removers.add(who),
    wanted(mark) {
      of(mark).contested = true
    },
    take: (column, value, how) => void taken.set(saidAs(column, value), how),
    isSaid: (mark, column, value) =>
      [...kinOf(mark)].some((each) =>
        marks
          .get(each)
          ?.said.get(column)
          ?.some((one) => one.value === value),
      ),
    isAlone: (mark) => kinOf(mark).size === 1,
  }
  return self
}
