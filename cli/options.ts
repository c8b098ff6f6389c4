import { Argument, InvalidArgumentError } from 'commander'
import { Id } from '../sync/protocol/smart-sync.ts'

/** Reads an option's whole number from `low` to `high`. */
export const wholeNumber = (low: number, high: number) => (text: string) => {
  const n = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (n >= low && n <= high) return n
  throw new InvalidArgumentError(`It takes a whole number from ${low} to ${high}.`)
}

/** An id stands in a path: whatever else a person pastes there would ask for something else. */
export function id(text: string): string {
  const parsed = Id.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('An id has letters, digits, _ and -, 64 at most.')
}

export const idArgument = (name: string, description: string) =>
  new Argument(`<${name}>`, description).argParser(id)
