import { sheetTitled } from './a1.ts'
import { cellAt, type Scalar, type Sheet, type SpreadsheetFile } from './model.ts'
import { parseReference, type Reference } from './references.ts'
import { isBlocked, spillAt, spilled } from './spill.ts'

export type ErrorType = 'ERROR' | 'DIVIDE_BY_ZERO' | 'VALUE' | 'REF' | 'NAME'

/** What a cell shows in place of a value. */
export class CellError {
  readonly type: ErrorType
  readonly message: string

  constructor(type: ErrorType, message: string) {
    this.type = type
    this.message = message
  }

  get text(): string {
    return errorTexts[this.type]
  }
}

const errorTexts: Readonly<Record<ErrorType, string>> = {
  ERROR: '#ERROR!',
  DIVIDE_BY_ZERO: '#DIV/0!',
  VALUE: '#VALUE!',
  REF: '#REF!',
  NAME: '#NAME?',
}

export type Effective = Scalar | CellError | null

// A file is never changed in place, so what its formulas give can be kept for as long as it lives.
const computed = new WeakMap<SpreadsheetFile, Map<string, Effective | 'pending'>>()

/**
 * What a cell's value comes to. Formulas know numbers, texts in quotes, + - * /, references and SUM; anything else
 * is a #NAME? or #ERROR!, as a misspelt formula is at Google.
 */
export function effectiveValue(file: SpreadsheetFile, sheet: Sheet, row: number, column: number): Effective {
  const cell = cellAt(sheet, row, column)
  if (cell?.value !== undefined) return cell.value
  const filled = spilled(sheet).get(`${row}:${column}`)
  const own = cell?.formula ?? filled
  if (own === undefined) return null
  const spill = spillAt(sheet, row, column)
  if (spill && isBlocked(sheet, spill))
    return new CellError('REF', 'Array result was not expanded because it would overwrite data.')
  const formula = spill ? `=${spill.items[0]?.[0]}` : own
  let known = computed.get(file)
  if (!known) {
    known = new Map()
    computed.set(file, known)
  }
  const key = `${sheet.sheetId}:${row}:${column}`
  const before = known.get(key)
  if (before === 'pending') return new CellError('REF', 'Circular dependency detected.')
  if (before !== undefined) return before
  known.set(key, 'pending')
  const value = evaluate(formula, file, sheet)
  known.set(key, value)
  return value
}

function evaluate(formula: string, file: SpreadsheetFile, sheet: Sheet): Effective {
  const tokens = tokenize(formula.slice(1))
  if (!tokens) return new CellError('ERROR', 'Formula parse error.')
  try {
    const parser = new Parser(tokens, file, sheet)
    const value = parser.sum()
    return parser.done() ? value : new CellError('ERROR', 'Formula parse error.')
  } catch (error) {
    if (error instanceof CellError) return error
    throw error
  }
}

const token =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w:]))|"((?:[^"]|"")*)"|((?:(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?\$?[A-Za-z]{0,3}\$?\d*:\$?[A-Za-z]{0,3}\$?\d*|(?:(?:'(?:[^']|'')+'|[A-Za-z_]\w*)!)?\$?[A-Za-z]{1,3}\$?[1-9]\d*(?![\w(]))|([A-Za-z_][\w.]*)|(#REF!)|([-+*/(),;]))/y

interface Token {
  readonly number?: number
  readonly text?: string
  readonly reference?: string
  readonly name?: string
  readonly lost?: boolean
  readonly sign?: string
}

function tokenize(source: string): Token[] | null {
  const tokens: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < source.trimEnd().length) {
    const found = token.exec(source)
    if (!found) return null
    const [, number, text, reference, name, lost, sign] = found
    if (number !== undefined) tokens.push({ number: Number(number) })
    else if (text !== undefined) tokens.push({ text: text.replaceAll('""', '"') })
    else if (reference !== undefined) tokens.push({ reference })
    else if (name !== undefined) tokens.push({ name })
    else if (lost !== undefined) tokens.push({ lost: true })
    else if (sign !== undefined) tokens.push({ sign })
  }
  return tokens
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #file: SpreadsheetFile
  readonly #sheet: Sheet
  #at = 0

  constructor(tokens: readonly Token[], file: SpreadsheetFile, sheet: Sheet) {
    this.#tokens = tokens
    this.#file = file
    this.#sheet = sheet
  }

  done(): boolean {
    return this.#at === this.#tokens.length
  }

  #take(...signs: string[]): string | null {
    const sign = this.#tokens[this.#at]?.sign
    if (sign === undefined || !signs.includes(sign)) return null
    this.#at += 1
    return sign
  }

  sum(): Effective {
    let left = this.#product()
    for (let sign = this.#take('+', '-'); sign; sign = this.#take('+', '-')) {
      const right = toNumber(this.#product())
      left = sign === '+' ? toNumber(left) + right : toNumber(left) - right
    }
    return left
  }

  #product(): Effective {
    let left = this.#factor()
    for (let sign = this.#take('*', '/'); sign; sign = this.#take('*', '/')) {
      const right = toNumber(this.#factor())
      if (sign === '/' && right === 0) {
        throw new CellError('DIVIDE_BY_ZERO', 'Function DIVIDE parameter 2 cannot be zero.')
      }
      left = sign === '*' ? toNumber(left) * right : toNumber(left) / right
    }
    return left
  }

  #factor(): Effective {
    const sign = this.#take('+', '-', '(')
    if (sign === '+') return this.#factor()
    if (sign === '-') return -toNumber(this.#factor())
    if (sign === '(') {
      const inner = this.sum()
      if (!this.#take(')')) throw new CellError('ERROR', 'Formula parse error.')
      return inner
    }
    const next = this.#tokens[this.#at]
    this.#at += 1
    if (next?.number !== undefined) return next.number
    if (next?.text !== undefined) return next.text
    if (next?.lost) throw new CellError('REF', 'Reference does not exist.')
    if (next?.reference !== undefined) return this.#single(next.reference)
    if (next?.name !== undefined) return this.#named(next.name)
    throw new CellError('ERROR', 'Formula parse error.')
  }

  #named(name: string): Effective {
    if (!this.#take('(')) {
      if (/^true$/i.test(name)) return true
      if (/^false$/i.test(name)) return false
      throw new CellError('NAME', `Unknown range name: '${name.toUpperCase()}'.`)
    }
    if (name.toUpperCase() !== 'SUM')
      throw new CellError('NAME', `Unknown function: '${name.toUpperCase()}'.`)
    let total = 0
    do {
      const reference = this.#tokens[this.#at]?.reference
      if (reference === undefined) total += toNumber(this.sum())
      else {
        this.#at += 1
        for (const value of this.#all(reference)) if (typeof value === 'number') total += value
      }
    } while (this.#take(',', ';'))
    if (!this.#take(')')) throw new CellError('ERROR', 'Formula parse error.')
    return total
  }

  #locate(text: string): { sheet: Sheet; reference: Reference } {
    const bang = text.lastIndexOf('!')
    const reference = parseReference(text.slice(bang + 1), bang < 0 ? undefined : text.slice(0, bang))
    if (!reference) throw new CellError('ERROR', 'Formula parse error.')
    const sheet = reference.sheet === undefined ? this.#sheet : sheetTitled(this.#file, reference.sheet)
    if (!sheet) throw new CellError('REF', `Unresolved sheet name '${reference.sheet}'.`)
    return { sheet, reference }
  }

  #single(text: string): Effective {
    const { sheet, reference } = this.#locate(text)
    const { row, column } = reference.from
    if (reference.to || row === undefined || column === undefined) {
      throw new CellError('VALUE', 'An array value could not be found.')
    }
    if (row >= sheet.rowCount || column >= sheet.columnCount) {
      throw new CellError('REF', 'Reference does not exist.')
    }
    const value = effectiveValue(this.#file, sheet, row, column)
    if (value instanceof CellError) throw value
    return value
  }

  *#all(text: string): Generator<Effective> {
    const { sheet, reference } = this.#locate(text)
    const to = reference.to ?? reference.from
    const bottom = Math.min(to.row ?? sheet.rowCount - 1, sheet.rows.length - 1)
    for (let row = reference.from.row ?? 0; row <= bottom; row += 1) {
      const right = Math.min(to.column ?? sheet.columnCount - 1, (sheet.rows[row]?.length ?? 0) - 1)
      for (let column = reference.from.column ?? 0; column <= right; column += 1) {
        const value = effectiveValue(this.#file, sheet, row, column)
        if (value instanceof CellError) throw value
        yield value
      }
    }
  }
}

function toNumber(value: Effective): number {
  if (value === null) return 0
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof CellError) throw value
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isNaN(number)) {
    throw new CellError(
      'VALUE',
      `Function ADD parameter expects number values. But '${value}' is a text and cannot be coerced to a number.`,
    )
  }
  return number
}
