/** What a binding must be: an object of the runtime, text that is there, or text that may be absent. */
type Kind = 'object' | 'text' | 'optional text'

/**
 * Checks a Worker's bindings at the door, by name. Answers the first thing that is wrong as one line, or null.
 * `spec` names every binding that the Worker uses.
 */
export function wrongBinding(env: object, spec: Readonly<Record<string, Kind>>): string | null {
  for (const [name, kind] of Object.entries(spec)) {
    const value: unknown = Reflect.get(env, name)
    if (kind === 'object' && (typeof value !== 'object' || value === null) && typeof value !== 'function')
      return `The binding ${name} is missing: declare it in this Worker's wrangler.toml.`
    if (kind === 'text' && (typeof value !== 'string' || value === ''))
      return `The secret or variable ${name} is missing: set it with \`wrangler secret put ${name}\`.`
    if (kind === 'optional text' && value !== undefined && typeof value !== 'string')
      return `The variable ${name} is not text.`
  }
  return null
}
