import { fold } from './layout.ts'

/** What became of a column whose header is not found by its name any more. */
export type Fate =
  /** It stands here now, under another name */
  | { readonly type: 'renamed'; readonly at: number }
  /** Nothing stands between its old neighbours that could be it */
  | { readonly type: 'deleted' }
  /** Its header is empty, or there are several that could be it */
  | { readonly type: 'unclear'; readonly candidates: readonly number[] }

/** Texts of a header row by place: '' for a column without a header that holds something, null for one that holds nothing. */
export type Headers = readonly (string | null)[]

/**
 * Finds a column again whose header people renamed: the one new header that stands between the same neighbours. Neighbours
 * are the headers that both rows share, in the order that both share. Pure.
 */
export function fateOf(lost: number, before: Headers, now: Headers): Fate {
  const anchors = anchorsOf(before, now)
  const left = anchors.findLast(([earlier]) => earlier < lost) ?? [-1, -1]
  const right = anchors.find(([earlier]) => earlier > lost) ?? [before.length, now.length]
  const here = (row: Headers, from: number, to: number) =>
    row.flatMap((text, at) => (at > from && at < to && text !== null ? [{ at, text: fold(text) }] : []))
  const were = here(before, left[0], right[0])
  const are = here(now, left[1], right[1])
  const known = new Set(before.map((text) => fold(text ?? '')))
  const still = new Set(now.map((text) => fold(text ?? '')))
  const fresh = are.filter(({ text }) => text !== '' && !known.has(text))
  const gone = were.filter(({ text }) => text !== '' && !still.has(text))
  const bare = (list: readonly { text: string }[]) => list.filter(({ text }) => text === '').length
  if (bare(are) > bare(were))
    return { type: 'unclear', candidates: are.filter(({ text }) => text === '').map(({ at }) => at) }
  const [only] = fresh
  if (!only) return { type: 'deleted' }
  if (fresh.length === 1 && gone.length === 1) return { type: 'renamed', at: only.at }
  return { type: 'unclear', candidates: fresh.map(({ at }) => at) }
}

/**
 * Place now → place before, of columns between the same neighbours where none came and none went: within a moment nobody
 * does more than rename them. Pure.
 */
export function pairedColumns(before: Headers, now: Headers): [number, number][] {
  const anchors = [[-1, -1] as const, ...anchorsOf(before, now), [before.length, now.length] as const]
  return anchors.flatMap(([was, is], i): [number, number][] => {
    const [nextWas, nextIs] = anchors[i + 1] ?? [was, is]
    if (nextWas - was !== nextIs - is) return []
    return Array.from({ length: Math.max(0, nextWas - was - 1) }, (_, at) => [is + at + 1, was + at + 1])
  })
}

/** Headers that stand once in both rows, as [place before, place now]: the most of them that stand in the same order. */
function anchorsOf(before: Headers, now: Headers): [number, number][] {
  const places = (row: Headers) => {
    const found = new Map<string, number[]>()
    for (const [at, text] of row.entries())
      if (text) found.set(fold(text), [...(found.get(fold(text)) ?? []), at])
    return found
  }
  const later = places(now)
  const shared = [...places(before)].flatMap(([text, [at, ...more]]): [number, number][] => {
    const [there, ...others] = later.get(text) ?? []
    return at === undefined || there === undefined || more.length + others.length > 0 ? [] : [[at, there]]
  })
  return longestAscending(shared.toSorted(([a], [b]) => a - b))
}

/** Of pairs in the order of their first members, the most that are in the order of their second members too. */
function longestAscending(pairs: readonly [number, number][]): [number, number][] {
  const best: { length: number; before: number }[] = []
  for (const [i, [, there]] of pairs.entries()) {
    let longest = { length: 1, before: -1 }
    for (let j = 0; j < i; j++)
      if ((pairs[j]?.[1] ?? 0) < there && (best[j]?.length ?? 0) >= longest.length)
        longest = { length: (best[j]?.length ?? 0) + 1, before: j }
    best.push(longest)
  }
  let at = best.reduce((top, { length }, i) => (length > (best[top]?.length ?? 0) ? i : top), 0)
  const chain: [number, number][] = []
  for (; at >= 0 && pairs[at]; at = best[at]?.before ?? -1) chain.unshift(pairs[at] as [number, number])
  return chain
}
