import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The person at the terminal; null where nobody is there (CI). */
export type Ask = ((question: string) => Promise<string>) | null

export type SecretSources = {
  env: Record<string, string | undefined>
  ask: Ask
  random?: (bytes: number) => Buffer
}

/** Keys that nobody else needs to know: 32 random bytes. */
const OURS = ['WEBHOOK_KEY', 'ERP_KEY']

/** Secrets that a Worker works without. They are asked for once, with the Worker's first deployment. */
export function optionalSecrets(worker: string): readonly string[] {
  return worker.startsWith('tidemark-coordinator') ? ['YOUTUBE_API_KEY', 'ERP_ORIGIN'] : []
}

/** A required secret that nobody could give. */
class MissingSecrets extends Error {
  constructor(names: readonly string[]) {
    super(
      `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing. Run this in a terminal to be asked, ` +
        'or set environment variables of these names. Nothing was changed.',
    )
  }
}

/**
 * Values for the secrets named: from the environment, else generated where that is possible, else asked for.
 * `optional` ones may stay away.
 */
export async function gatherSecrets(
  required: readonly string[],
  optional: readonly string[],
  { env, ask, random = randomBytes }: SecretSources,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const name of [...required, ...optional]) {
    const given = env[name]
    if (given) values[name] = given
    else if (OURS.includes(name)) values[name] = random(32).toString('base64url')
  }

  const missing = (names: readonly string[]) => names.filter((name) => values[name] === undefined)
  if (!ask) {
    if (missing(required).length > 0) throw new MissingSecrets(missing(required))
    return values
  }

  if (missing(required).some((name) => name.startsWith('GOOGLE_'))) {
    Object.assign(values, await askForServiceAccount(ask))
  }
  for (const name of missing(required)) values[name] = await insist(ask, `${name}: `)
  for (const name of missing(optional)) {
    const answer = (await ask(`${name} (optional; Enter to go without): `)).trim()
    if (answer) values[name] = answer
  }
  return values
}

/** Google hands out one JSON file; the private key in it can't be typed in. */
async function askForServiceAccount(ask: NonNullable<Ask>): Promise<Record<string, string>> {
  for (;;) {
    const path = await insist(ask, "Path to the Google service account's key file (JSON): ")
    try {
      const { client_email, private_key } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      if (typeof client_email === 'string' && typeof private_key === 'string') {
        return { GOOGLE_CLIENT_EMAIL: client_email, GOOGLE_PRIVATE_KEY: private_key }
      }
      await ask(
        `${path} holds no client_email and private_key: is it another kind of key? Enter to try again. `,
      )
    } catch (error) {
      await ask(`${path} can't be read (${(error as Error).message}). Enter to try again. `)
    }
  }
}

async function insist(ask: NonNullable<Ask>, question: string): Promise<string> {
  for (;;) {
    const answer = (await ask(question)).trim()
    if (answer) return answer
  }
}
