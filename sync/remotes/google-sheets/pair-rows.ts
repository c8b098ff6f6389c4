/** Two readings of a tab's rows, as texts by column of the earlier one. */
export interface TwoReadings {
  /** Rows of the earlier and of the later reading */
  readonly before: number
  readonly after: number
  /** Columns of ours, those of them that tell rows apart, and what else people keep beside them */
  readonly used: readonly number[]
  readonly keys: readonly number[]
  readonly beside: readonly number[]
  /** People don't see the keys: one that contradicts all else that its row shows was pasted there */
  readonly hidden: boolean
  /** What a row showed; the second, where it differs, with what our writes had put there by mistake */
  readonly showed: (row: number, column: number) => readonly string[]
  /** What a row shows; null: our own write covers it, or its column is gone */
  readonly shows: (row: number, column: number) => string | null
}

/**
 * Row of the later reading → row of the earlier one that it is; each is one other row at most. The surest are paired first:
 * by key, then by all that they show, then by what they show in our columns, at last those that our writes cover whole, which
 * are the ones that nobody else is. Rows that stayed in their place go before others. Pure.
 */
export function pairRows(readings: TwoReadings): Map<number, number> {
  const { used, keys, beside, showed, shows } = readings
  const pairs = new Map<number, number>()
  const taken = new Set<number>()
  const pair = (later: number, earlier: number | undefined): boolean => {
    if (earlier === undefined || taken.has(earlier)) return false
    pairs.set(later, earlier)
    taken.add(earlier)
    return true
  }
  const alike = (earlier: number, later: number, columns: readonly number[]) =>
    earlier < readings.before &&
    columns.every((column) => {
      const text = shows(later, column)
      return text === null || showed(earlier, column).includes(text)
    })
  const find = lookUp(readings)
  const all = [...used, ...beside]
  const plain = used.filter((column) => !keys.includes(column))
  /** Whether a row carries another one's key, and shows what one other row did, and that one alone. */
  const isAstray = (later: number, holders: readonly number[]): boolean =>
    readings.hidden &&
    holders.length > 0 &&
    plain.filter((column) => shows(later, column)).length > 1 &&
    !holders.some((earlier) => alike(earlier, later, plain)) &&
    find(later, plain).length === 1
  const keyed = new Set<number>()
  const open: number[] = []
  for (let later = 0; later < readings.after; later++) {
    const key = keys.map((column) => shows(later, column))
    const carries = !key.includes(null) && key.some((text) => text !== '')
    const isNamed = carries && !isAstray(later, find(later, keys))
    if (isNamed) keyed.add(later)
    const same = isNamed ? find(later, keys).filter((earlier) => !taken.has(earlier)) : []
    if (same.length > 0) {
      const twins = [all, used].map((columns) => same.filter((earlier) => alike(earlier, later, columns)))
      const best = same.length === 1 ? same : (twins.find((list) => list.length > 0) ?? same)
      pair(later, best.includes(later) ? later : best[0])
    } else open.push(later)
  }
  const says = (later: number, columns: readonly number[]) => columns.some((column) => shows(later, column))
  const covered = (later: number) => used.some((column) => shows(later, column) === null)

  function match(rows: readonly number[], columns: readonly number[]): void {
    const left = rows.filter((later) => !pairs.has(later))
    const unnamed = columns.filter((column) => !keys.includes(column))
    for (const later of left)
      if (alike(later, later, keyed.has(later) ? unnamed : columns)) pair(later, later)
    // A key that is new is another row, or the same where it stands.
    for (const later of left)
      if (!pairs.has(later) && !keyed.has(later))
        pair(
          later,
          find(later, columns).find((earlier) => !taken.has(earlier)),
        )
  }
  for (const columns of [all, used])
    for (const isCovered of [false, true])
      match(
        open.filter((later) => covered(later) === isCovered && says(later, columns)),
        columns,
      )
  // Whose key was wiped is who it was by the rest.
  const wiped = open.filter((later) => !keyed.has(later))
  for (const columns of [all, used].map((list) => list.filter((column) => !keys.includes(column))))
    for (const isCovered of [false, true])
      match(
        wiped.filter((later) => covered(later) === isCovered && says(later, columns)),
        columns,
      )
  // Rows that say nothing: those that we emptied or filled whole, then those that are empty. As their neighbours moved, so did they.
  for (const isCovered of [true, false]) {
    const rows = open.filter((later) => !pairs.has(later) && covered(later) === isCovered)
    const fits = (later: number, earlier: number | undefined) =>
      earlier !== undefined &&
      !taken.has(earlier) &&
      alike(earlier, later, all) &&
      (!isCovered || !isEmpty(earlier, readings))
    for (const later of rows) {
      const beside = [neighbour(later, 1), neighbour(later, -1), later]
      pair(
        later,
        beside.find((earlier) => fits(later, earlier)),
      )
    }
    for (const later of rows)
      if (!pairs.has(later))
        pair(
          later,
          find(later, all).find((earlier) => fits(later, earlier)),
        )
  }
  return pairs

  /** Where a row would have stood beside the next one that is known, below (1) or above (-1) it. */
  function neighbour(later: number, step: 1 | -1): number | undefined {
    for (let at = later + step; at >= 0 && at < readings.after; at += step) {
      const earlier = pairs.get(at)
      if (earlier !== undefined) return earlier - (at - later) < 0 ? undefined : earlier - (at - later)
    }
    return undefined
  }
}

const isEmpty = (earlier: number, { used, beside, showed }: TwoReadings): boolean =>
  [...used, ...beside].every((column) => showed(earlier, column).every((text) => text === ''))

/** Rows of the earlier reading that showed what a later one shows in these columns, as far as it is not covered; in order. */
function lookUp({ before, showed, shows }: TwoReadings) {
  const indexes = new Map<string, Map<string, number[]>>()
  return (later: number, columns: readonly number[]): readonly number[] => {
    const texts = columns.map((column) => shows(later, column))
    const open = columns.filter((_, at) => texts[at] !== null)
    const pattern = open.join()
    let index = indexes.get(pattern)
    if (!index) {
      index = new Map()
      for (let earlier = 0; earlier < before; earlier++) {
        const was = open.map((column) => showed(earlier, column))
        const once = JSON.stringify(was.map(([text]) => text))
        const hit = JSON.stringify(was.map((either) => either.at(-1)))
        for (const text of once === hit ? [once] : [once, hit]) {
          const rows = index.get(text)
          if (rows) rows.push(earlier)
          else index.set(text, [earlier])
        }
      }
      indexes.set(pattern, index)
    }
    return index.get(JSON.stringify(texts.filter((text) => text !== null))) ?? []
  }
}
