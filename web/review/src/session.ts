import { getMeta, putMeta, type Store } from './database.ts'
import { person, problem, rules } from './page-state.ts'
import type { Status } from './queue.ts'
import { ask, type Person } from './server.ts'

/** A pairing link carries its code in the fragment, which no server sees. It is removed before it is used. */
export function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  return code
}

/** Exchanges a pairing code for a session; true where that worked. What is kept here stays in any case. */
export async function signIn(store: Store, code: string): Promise<boolean> {
  const asked = await ask<Person>('POST', '/api/session', JSON.stringify({ code }))
  if (!asked.ok) {
    problem.value = {
      title: 'Signing in did not work',
      text: asked.problem
        ? `${asked.problem.detail} ${asked.problem.mend}`
        : 'No answer came, so the code is not used up: open the link again once there is a network.',
    }
    return false
  }
  const { name, user } = asked.value
  person.value = { name, user }
  problem.value = null
  await putMeta(store, 'person', { name, user })
  return true
}

/** The statuses that a listing can be given: from last time at once, and as the server says now. */
export async function readRules(store: Store): Promise<void> {
  rules.value ??= (await getMeta(store, 'rules')) ?? null
  const asked = await ask<{ statuses: Status[] }>('GET', '/api/assessments/rules')
  if (!asked.ok || !Array.isArray(asked.value.statuses)) return
  rules.value = asked.value.statuses
  await putMeta(store, 'rules', asked.value.statuses)
}
