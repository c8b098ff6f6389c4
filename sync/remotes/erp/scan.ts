import { Parser } from 'htmlparser2'
import { bodyOf } from './body.ts'
import { LONGEST_ANSWER, MOST_CELLS, MOST_ROWS } from './limits.ts'

/** What is looked for on a page of HTML: tables by their id, texts by the id or a class of their element. */
export interface Wanted {
  readonly tables: readonly string[]
  readonly texts: readonly string[]
}

export interface SeenTable {
  /** `data-field` of each column; '' where a column has none */
  readonly headers: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What was found. Only what was there to its end counts: a page that was cut off shows no table. */
export interface Seen {
  readonly tables: ReadonlyMap<string, SeenTable>
  readonly texts: ReadonlyMap<string, string>
  /** It holds the form to sign in */
  readonly login: boolean
  /** Where it went beyond all limits */
  readonly endless: boolean
  /** There is nothing at all */
  readonly blank: boolean
  /** How its content begins, menus left out */
  readonly words: string
}

/** Characters kept of `words`: enough to quote */
const WORDS = 200
/** Their text is for nobody, or the same on every page */
const UNSEEN = new Set(['script', 'style', 'title', 'template', 'nav', 'header', 'a', 'option'])

/**
 * Reads a page as it comes, piece by piece, and stops as soon as all that is wanted was there. What is held is one table's
 * cells, never the page.
 */
export async function scan(response: Response, signal: AbortSignal, wanted: Wanted): Promise<Seen> {
  const page = scanner(wanted)
  const decoder = new TextDecoder()
  const body = bodyOf(response, signal, LONGEST_ANSWER)
  for (let piece = await body.next(); piece; piece = await body.next()) {
    page.write(decoder.decode(piece, { stream: true }))
    if (page.isEnough()) {
      await body.stop()
      break
    }
  }
  return page.seen()
}

interface Table {
  readonly id: string
  readonly headers: string[]
  readonly rows: string[][]
  /** Tables within: their text belongs to the cell that they stand in */
  depth: number
  row: string[] | null
  cell: string | null
}

interface Capture {
  readonly name: string
  readonly tag: string
  depth: number
  text: string
}

/** The same for pieces of text. */
export function scanner(wanted: Wanted) {
  const tables = new Map<string, SeenTable>()
  const texts = new Map<string, string>()
  const names = [...wanted.texts, 'error']
  let table: Table | null = null
  let capture: Capture | null = null
  let unseen: { tag: string; depth: number } | null = null
  let form = false
  let login = false
  let endless = false
  let words = ''
  let blank = true

  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (unseen) {
          if (unseen.tag === tag) unseen.depth++
          return
        }
        if (tag === 'form' && attributes.id === 'login') form = true
        // What stood above it was the page's frame.
        if (tag === 'main' || attributes.id === 'content') words = ''
        if (form && tag === 'input' && attributes.name === 'password') login = true
        if (UNSEEN.has(tag) && !(table && tag === 'a')) unseen = { tag, depth: 1 }
        else if (tag === 'br') add('\n')
        else if (table) openInTable(table, tag, attributes)
        else if (tag === 'table' && wanted.tables.includes(attributes.id ?? ''))
          table = { id: attributes.id ?? '', headers: [], rows: [], depth: 1, row: null, cell: null }
        if (capture) capture.depth += capture.tag === tag ? 1 : 0
        else capture = captureOf(tag, attributes)
      },
      ontext(text) {
        if (!unseen) add(text)
      },
      onclosetag(tag, isImplied) {
        if (unseen) {
          if (unseen.tag === tag && --unseen.depth === 0) unseen = null
          return
        }
        if (tag === 'form') form = false
        if (capture && capture.tag === tag && --capture.depth === 0) {
          // An element that something else closed was cut off.
          if (!isImplied) texts.set(capture.name, capture.text)
          capture = null
        }
        if (table) closeInTable(table, tag, isImplied)
      },
    },
    { decodeEntities: true },
  )

  function captureOf(tag: string, { id, class: classes = '' }: Record<string, string>): Capture | null {
    const name = names.find((wantedName) => id === wantedName || classes.split(/\s+/).includes(wantedName))
    return name === undefined || texts.has(name) ? null : { name, tag, depth: 1, text: '' }
  }

  function add(text: string): void {
    if (words.length < WORDS) words = (words + text).replace(/\s+/g, ' ').trimStart().slice(0, WORDS)
    if (capture) capture.text += text
    if (table?.cell != null) table.cell += text
  }

  function openInTable(open: Table, tag: string, attributes: Record<string, string>): void {
    if (tag === 'table') open.depth++
    if (open.depth > 1) return
    if (tag === 'tr') open.row = []
    else if (tag === 'td') open.cell = ''
    else if (tag === 'th') open.headers.push(attributes['data-field'] ?? '')
    if (open.headers.length > MOST_CELLS) endless = true
  }

  function closeInTable(open: Table, tag: string, isImplied: boolean): void {
    if (tag === 'table' && --open.depth === 0) {
      if (!isImplied) tables.set(open.id, { headers: open.headers, rows: open.rows })
      table = null
    } else if (open.depth > 1) return
    else if (tag === 'td' && open.cell !== null) {
      open.row?.push(open.cell)
      open.cell = null
      if ((open.row?.length ?? 0) > MOST_CELLS) endless = true
    } else if (tag === 'tr' && open.row) {
      if (open.row.length > 0) open.rows.push(open.row)
      open.row = null
      if (open.rows.length > MOST_ROWS) endless = true
    }
  }

  return {
    write(text: string): void {
      blank &&= text.trim() === ''
      parser.write(text)
    },
    isEnough: (): boolean =>
      endless ||
      (wanted.tables.every((id) => tables.has(id)) && wanted.texts.every((name) => texts.has(name))),
    seen: (): Seen => ({ tables, texts, login, endless, blank, words: words.trim() }),
  }
}
