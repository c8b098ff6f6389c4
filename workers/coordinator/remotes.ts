import type { Pacer, Remote } from '../../sync/engine/ports.ts'
import { type ErpOptions, erp } from '../../sync/remotes/erp/erp.ts'
import { type CachedToken, googleSheets } from '../../sync/remotes/google-sheets/google-sheets.ts'
import { platformReaders } from '../../sync/remotes/platform-readers/platform-readers.ts'
import { unseal } from '../shared/seal.ts'
import type { CoordinatorEnv } from './env.ts'
import { placesAt } from './places.ts'

/** Asked again after this when the gate itself does not answer. */
const GATE_AWAY = 500

/** The remotes by name, wired to this Worker's secrets, gates and storage. Each is made when it is first asked for. */
export function openRemotes(env: CoordinatorEnv, storage: DurableObjectStorage, lane: string) {
  const clock = { now: () => Date.now() }
  const pacer: Pacer = {
    async permit(gate, kind, priority) {
      try {
        const permit = await env.GATE.getByName(gate).permit(gate, kind, lane, priority)
        return permit.granted ? { granted: true } : { granted: false, at: permit.at }
      } catch {
        return { granted: false, at: clock.now() + GATE_AWAY }
      }
    },
    penalise: async (gate, kind, until) => {
      await env.GATE.getByName(gate).penalise(kind, until)
    },
  }
  const make: Record<string, () => Remote> = {
    'google-sheets': () =>
      googleSheets({
        credentials: { email: env.GOOGLE_CLIENT_EMAIL, privateKey: env.GOOGLE_PRIVATE_KEY },
        origin: env.GOOGLE_ORIGIN ?? null,
        fetch: (request) => fetch(request),
        clock,
        random: Math.random,
        pacer,
        gate: `google:${env.GOOGLE_CLIENT_EMAIL}`,
        tokenCache: {
          get: async () => (await storage.get<CachedToken>('google-token')) ?? null,
          put: (token) => storage.put('google-token', token),
        },
      }),
    'platform-readers': () =>
      platformReaders({
        youtubeKey: env.YOUTUBE_API_KEY ?? null,
        origin: env.GOOGLE_ORIGIN ?? null,
        fetch: (request) => fetch(request),
        clock,
        pacer,
      }),
    erp: () => erp(erpOptions(env, lane)),
  }
  const made = new Map<string, Remote>()
  return (name: string): Remote => {
    const remote = made.get(name) ?? make[name]?.()
    if (!remote) throw new Error(`no remote is called ${name}`)
    made.set(name, remote)
    return remote
  }
}

/** The gate of the ERP, and its name. */
const ERP_GATE = 'erp'

/**
 * How this Worker reaches the ERP. Sessions are kept by the gate, one a login: an ERP that lets a user be signed in once
 * would otherwise throw one lane out for another.
 */
export function erpOptions(env: CoordinatorEnv, who: string): ErpOptions {
  const gate = () => env.GATE.getByName(ERP_GATE)
  return {
    origin: env.ERP_ORIGIN ?? null,
    fetch: (request) => fetch(request),
    clock: { now: () => Date.now() },
    places: placesAt(env.GATE, ERP_GATE, who),
    sessions: {
      get: (login) => gate().session(login),
      put: (login, cookie) => gate().keepSession(login, cookie),
    },
    unseal: (sealed) => unseal(env.ERP_KEY, sealed),
  }
}
