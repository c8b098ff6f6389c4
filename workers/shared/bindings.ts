/** What a binding must be: an object of the runtime, known by a method, a secret, or a variable that may be absent. */
type Kind = keyof typeof METHODS | 'D1' | 'secret' | 'optional text'

const METHODS = {
  'Durable Objects': 'getByName',
  service: 'fetch',
  queue: 'send',
  'R2 bucket': 'get',
  'rate limit': 'limit',
} as const

/**
 * Checks a Worker's bindings at the door, by name. Answers the first thing that is wrong as one line, or null.
 * `spec` names every binding that the Worker uses.
 */
export function wrongBinding(env: object, spec: Readonly<Record<string, Kind>>): string | null {
  for (const [name, kind] of Object.entries(spec)) {
    const wrong = wrongOne(name, kind, Reflect.get(env, name))
    if (wrong !== null) return wrong
  }
  return null
}

function wrongOne(name: string, kind: Kind, value: unknown): string | null {
  if (kind === 'optional text')
    return value === undefined || typeof value === 'string' ? null : `The variable ${name} is not text.`
  if (kind === 'secret')
    return typeof value === 'string' && value.trim() !== ''
      ? null
      : `The secret ${name} is missing: set it with \`wrangler secret put ${name}\`.`
  if (value === undefined || value === null)
    return `The ${kind} binding ${name} is missing: declare it in this Worker's wrangler.toml.`
  const fits =
    Object(value) === value &&
    (kind === 'D1' || typeof Reflect.get(Object(value), METHODS[kind]) === 'function')
  return fits ? null : `The binding ${name} is not a ${kind} binding.`
}
