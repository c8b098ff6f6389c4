import { invalid } from './failure.ts'

/** Reads a JSON object as strictly as Google does: a member it doesn't know is an error, not ignored. */
export class Payload {
  readonly #members: Readonly<Record<string, unknown>>
  readonly where: string

  constructor(value: unknown, where: string, known: readonly string[]) {
    if (!isObject(value)) throw invalid(`Invalid value at '${where}' (an object was expected)`)
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue
      const place = where === '' ? '' : ` at '${where}'`
      throw invalid(`Invalid JSON payload received. Unknown name "${name}"${place}: Cannot find field.`)
    }
    this.#members = value
    this.where = where
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null
  }

  raw(name: string): unknown {
    return this.#members[name]
  }

  text(name: string): string | undefined {
    return this.#typed(name, 'TYPE_STRING', (v) => typeof v === 'string')
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, 'TYPE_BOOL', (v) => typeof v === 'boolean')
  }

  number(name: string): number | undefined {
    return this.#typed(name, 'TYPE_DOUBLE', (v) => typeof v === 'number')
  }

  integer(name: string): number | undefined {
    return this.#typed(name, 'TYPE_INT32', (v) => Number.isInteger(v))
  }

  list(name: string): readonly unknown[] {
    return this.#typed<readonly unknown[]>(name, 'list', (v) => Array.isArray(v)) ?? []
  }

  object(name: string, known: readonly string[]): Payload | undefined {
    return this.has(name) ? new Payload(this.#members[name], this.path(name), known) : undefined
  }

  /** The member, or Google's complaint that it is missing. */
  required(name: string, known: readonly string[]): Payload {
    const value = this.object(name, known)
    if (!value) throw invalid(`Invalid ${this.where}: Must specify ${name}.`)
    return value
  }

  path(name: string): string {
    return this.where === '' ? name : `${this.where}.${name}`
  }

  #typed<T>(name: string, type: string, fits: (value: unknown) => boolean): T | undefined {
    if (!this.has(name)) return undefined
    const value = this.#members[name]
    if (!fits(value)) {
      throw invalid(`Invalid value at '${this.path(name)}' (${type}), ${JSON.stringify(value)}`)
    }
    return value as T
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The body of a request as JSON; an empty one is an empty object. */
export function parseBody(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('Invalid JSON payload received. Unexpected token.')
  }
}
