import { type Actions, actionsOn } from './actions.ts'
import { type Connection, connect } from './connection.ts'
import { getMeta, openStore, putMeta, type Store } from './database.ts'
import { askToPersist, sendInBackground, sendInWorker, startOffline } from './offline.ts'
import { person, rules, seen, stage, visit } from './page-state.ts'
import { readRules, signIn, takeCode } from './session.ts'
import { forget } from './store.ts'
import { hearTabs, tellTabs } from './tell.ts'
import { settledIn, visited } from './visit.ts'

export interface Review extends Actions {
  retry(): void
  signIn(code: string): Promise<void>
}

/** Opens the phone's copy, shows it, and begins to keep it in step. Null where the browser stores nothing. */
export async function start(): Promise<Review | null> {
  const code = takeCode()
  const store = await openStore().catch(() => null)
  if (!store) {
    stage.value = 'refused'
    return null
  }
  person.value = (await getMeta(store, 'person')) ?? null
  rules.value = (await getMeta(store, 'rules')) ?? null
  visit.value = visited((await getMeta(store, 'visit')) ?? null, Date.now())

  let connection: Connection | null = null
  const actions = actionsOn(store, () => {
    connection?.later()
    void sendInBackground()
  })
  await actions.refresh()
  stage.value = 'open'
  hearTabs(actions.refresh)
  // A browser may refuse to install anything: the page then works while it is open.
  startOffline().catch(() => {})
  void forget(store, Date.now())

  if (code) await signIn(store, code)
  let refused = refusals()
  connection = connect(store, async () => {
    await actions.refresh()
    tellTabs()
    await noteVisit(store, document.visibilityState === 'visible')
    // An answer that was refused may have had a status that is gone.
    const now = refusals()
    if (!rules.peek() || now > refused) await readRules(store)
    refused = now
  })
  void readRules(store)
  if (person.peek()) void askToPersist()
  document.addEventListener('visibilitychange', () => {
    void noteVisit(store, true)
    if (document.visibilityState === 'hidden') sendInWorker()
    else void readRules(store)
  })
  addEventListener('hashchange', () => {
    const next = takeCode()
    if (next) void review.signIn(next)
  })

  const review: Review = {
    ...actions,
    retry: () => connection?.hurry(),
    async signIn(given) {
      if (!(await signIn(store, given))) return
      void readRules(store)
      void askToPersist()
      connection?.hurry()
    },
  }
  return review
}

const refusals = (): number => seen.peek().entries.filter(({ state }) => state === 'rejected').length

/** Somebody looks, or has just stopped to. A sync that nobody sees is no visit. */
async function noteVisit(store: Store, isSeen: boolean): Promise<void> {
  const next = isSeen ? visited(visit.peek(), Date.now()) : visit.peek()
  const copy = seen.peek().copy
  visit.value = copy && !copy.isReading ? settledIn(next, Date.now()) : next
  await putMeta(store, 'visit', visit.peek())
}
