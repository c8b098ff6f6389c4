import { computed, signal } from '@preact/signals'
import type { Problem } from '../../../sync/protocol/common.ts'
import { closeSession, onSignedOut, openSession, readSession, type Session } from './api.ts'
import { forget } from './reads.ts'

export type SessionState =
  | { readonly type: 'asking' }
  | { readonly type: 'out'; readonly problem?: Problem; readonly ended?: boolean }
  | { readonly type: 'unknown'; readonly problem: Problem }
  | { readonly type: 'in'; readonly session: Session }

export const session = signal<SessionState>({ type: 'asking' })
export const isAdmin = computed(() => session.value.type === 'in' && session.value.session.role === 'admin')

/** A sign-in link carries its code in the fragment, which no server ever sees. It is removed before it is used. */
export async function startSession(): Promise<void> {
  onSignedOut.call = () => {
    if (session.peek().type === 'in') signedOut({ type: 'out', ended: true })
  }
  addEventListener('hashchange', () => {
    const code = takeCode()
    if (code) signIn({ code })
  })
  const code = takeCode()
  if (code) await signIn({ code })
  else await askSession()
}

export async function askSession(): Promise<void> {
  session.value = { type: 'asking' }
  const answer = await readSession()
  if (answer.ok) session.value = { type: 'in', session: answer.value }
  else if (answer.problem.status === 401) session.value = { type: 'out' }
  else session.value = { type: 'unknown', problem: answer.problem }
}

/** The problem, where signing in failed. */
export async function signIn(secret: { code: string } | { token: string }): Promise<Problem | null> {
  const answer = await openSession(secret)
  if (!answer.ok) {
    session.value = { type: 'out', problem: answer.problem }
    return answer.problem
  }
  forget()
  if (isProgram(answer.value)) {
    await closeSession()
    const problem = programsToken(answer.value)
    session.value = { type: 'out', problem }
    return problem
  }
  session.value = { type: 'in', session: answer.value }
  return null
}

const isProgram = ({ role }: Session) => role === 'device' || role === 'hook'

const programsToken = ({ role, name }: Session): Problem => ({
  type: 'urn:tidemark:problem:forbidden',
  title: 'Not allowed',
  status: 403,
  detail: `This token belongs to a program: the ${role} ${name}.`,
  kept: 'Nothing was changed.',
  mend: "Sign in with a person's token, of the role user or admin.",
})

/** The problem, where the server could not be told: the session would still be open. */
export async function signOut(): Promise<Problem | null> {
  const answer = await closeSession()
  if (!answer.ok && answer.problem.status !== 401) return answer.problem
  signedOut({ type: 'out' })
  return null
}

function signedOut(state: SessionState): void {
  forget()
  session.value = state
}

function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  return code
}
