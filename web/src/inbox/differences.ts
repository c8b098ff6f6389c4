/** A piece of a text, and whether the other text lacks it. */
export interface Piece {
  readonly text: string
  readonly differs: boolean
}

/** Words beyond this are compared as one: nobody reads marks in a text so long, and the table grows by the square. */
const WORDS = 400

/** The pieces of `text` that `other` lacks, word by word; neighbours of one kind are one piece. */
export function differences(text: string, other: string): Piece[] {
  const [mine, theirs] = [wordsOf(text), wordsOf(other)]
  if (mine.length > WORDS || theirs.length > WORDS) return [{ text, differs: text !== other }]
  const common = commonWords(mine, theirs)
  const pieces: { text: string; differs: boolean }[] = []
  mine.forEach((word, i) => {
    const last = pieces.at(-1)
    // Blanks are marked between marked words only.
    const isBlank = /^\s+$/.test(word)
    const differs = isBlank
      ? i > 0 && i + 1 < mine.length && !common.has(i - 1) && !common.has(i + 1)
      : !common.has(i)
    if (last?.differs === differs) last.text += word
    else pieces.push({ text: word, differs })
  })
  return pieces
}

/** Words, blanks, and each sign on its own. */
const wordsOf = (text: string) => text.match(/\s+|[\p{L}\p{N}_'’-]+|[^\s]/gu) ?? []

/** Places in `mine` of a longest common sequence. */
function commonWords(mine: readonly string[], theirs: readonly string[]): ReadonlySet<number> {
  const width = theirs.length + 1
  const longest = new Uint16Array((mine.length + 1) * width)
  for (let i = mine.length - 1; i >= 0; i--)
    for (let j = theirs.length - 1; j >= 0; j--)
      longest[i * width + j] =
        mine[i] === theirs[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0)
  const common = new Set<number>()
  for (let i = 0, j = 0; i < mine.length && j < theirs.length; ) {
    if (mine[i] === theirs[j]) {
      common.add(i++)
      j++
    } else if ((longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return common
}
