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

/** An emulated Google and the real remote that talks to it in-process, on a world's clock. */
export function googleWorld(clock: TestClock, random = testRandom(7)): GoogleWorld {
  const google = createGoogle({
    clock: () => clock.now(),
    random,
    sleep: async (ms) => clock.advance(ms),
    accounts: [account],
  })
  let token: Awaited<ReturnType<Parameters<typeof googleSheets>[0]['tokenCache']['get']>> = null
  const pacer: Pacer = { permit: async () => ({ granted: true }), penalise: async () => undefined }
  const remote = googleSheets({
    credentials: { email: credentials.client_email, privateKey: credentials.private_key },
    origin: 'http://google.test',
    fetch: (request) => google.fetch(request),
    clock,
    random,
    pacer,
    gate: 'google:robot@tidemark.test',
    tokenCache: {
      get: async () => token,
      put: async (fresh) => {
        token = fresh
      },
    },
  })
  return { google, remote, credentials }
}

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
