import type { Pacer, Remote } from '../../sync/engine/ports.ts'
import { googleSheets } from '../../sync/remotes/google-sheets/google-sheets.ts'
import {
  type Credentials,
  createGoogle,
  type Google,
  generateServiceAccount,
} from '../emulators/google/index.ts'
import { type TestClock, testRandom } from './world.ts'

// One key pair for all worlds of a process: making one costs 100 ms.
const { credentials, account } = generateServiceAccount('robot@tidemark.test', 'tidemark')

export interface GoogleWorld {
  readonly google: Google
  readonly remote: Remote
  readonly credentials: Credentials
}

/** A call on its way out of the remote, and what lets it through. */
type Through = <T>(call: () => Promise<T>) => Promise<T>

/** An emulated Google on a world's clock, and the real remote that talks to it in-process. */
export function googleWorld(clock: TestClock, random = testRandom(7)): GoogleWorld {
  const google = emulatedGoogle(clock, random)
  return { google, remote: remoteOf(google, clock, random), credentials }
}

/** The emulator with the service account of these worlds. */
export function emulatedGoogle(clock: TestClock, random = testRandom(7)): Google {
  return createGoogle({
    clock: () => clock.now(),
    random,
    sleep: async (ms) => clock.advance(ms),
    accounts: [account],
  })
}

/** The real remote. Every call of Google, of its gate (unless it is another `pacer`) and of its token's store goes `through`. */
export function remoteOf(
  google: Google,
  clock: TestClock,
  random = testRandom(7),
  through: Through = (call) => call(),
  pacer: Pacer = freely(through),
): Remote {
  let token: Awaited<ReturnType<Parameters<typeof googleSheets>[0]['tokenCache']['get']>> = null
  return googleSheets({
    credentials: { email: credentials.client_email, privateKey: credentials.private_key },
    origin: 'http://google.test',
    fetch: (request) => through(() => google.fetch(request)),
    clock,
    random,
    pacer,
    gate: 'google:robot@tidemark.test',
    tokenCache: {
      get: () => through(async () => token),
      put: (fresh) =>
        through(async () => {
          token = fresh
        }),
    },
  })
}

/** Lets every call pass. */
const freely = (through: Through): Pacer => ({
  permit: () => through(async () => ({ granted: true })),
  penalise: () => through(async () => undefined),
})

/** The header of a project's tab. */
export const HEADER = [
  'Profile URL',
  'Platform',
  'Username',
  'Followers',
  'Likes',
  'Comments',
  'Videos',
  'Views',
]
