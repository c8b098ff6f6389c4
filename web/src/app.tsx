import type { FunctionComponent } from 'preact'
import { useEffect } from 'preact/hooks'
import { announced } from './data/announce.ts'
import { getProjects, getRecentRuns } from './data/api.ts'
import { hear, startLive } from './data/live.ts'
import { useRead } from './data/reads.ts'
import { forgetRuns, learn } from './data/runs.ts'
import { askSession, session, startSession } from './data/session.ts'
import { Failure } from './parts/notice.tsx'
import { match, place } from './router.ts'
import { Header } from './shell/header.tsx'
import { Outdated } from './shell/outdated.tsx'
import { AccountView } from './views/account.tsx'
import { later } from './views/later.tsx'
import { NotFound } from './views/not-found.tsx'
import { Overview } from './views/overview.tsx'
import { ProjectView } from './views/project.tsx'
import { RunView } from './views/run.tsx'
import { RunsView } from './views/runs.tsx'
import { SignIn } from './views/sign-in.tsx'

/** Fetched when it is first gone to: most visits don't need it. */
const ErpView = later('ERP', async () => (await import('./views/erp.tsx')).ErpView)

const SheetsView = later('Sheets', async () => (await import('./views/sheets.tsx')).SheetsView)
const ConflictsView = later('Conflicts', async () => (await import('./views/conflicts.tsx')).ConflictsView)
const ConflictView = later('Conflict', async () => (await import('./views/conflict.tsx')).ConflictView)
const HistoryView = later('History', async () => (await import('./views/history.tsx')).HistoryView)
const DevicesView = later('Devices', async () => (await import('./views/devices.tsx')).DevicesView)

const PairPhone = later('Pair a phone', async () => (await import('./views/pair.tsx')).PairPhone)
const PairLaptop = later('Pair a laptop', async () => (await import('./views/pair.tsx')).PairLaptop)

const ROUTES: readonly (readonly [string, FunctionComponent<{ id: string }>])[] = [
  ['/', Overview],
  ['/projects/:id', ProjectView],
  ['/accounts/:id', AccountView],
  ['/erp', ErpView],
  ['/sheets', SheetsView],
  ['/runs', RunsView],
  ['/runs/:id', RunView],
  ['/conflicts', ConflictsView],
  ['/conflicts/:id', ConflictView],
  ['/history/:table/:key', HistoryView],
  ['/devices', DevicesView],
  ['/pair/phone', PairPhone],
  ['/pair/laptop', PairLaptop],
]

export function App() {
  useEffect(() => {
    startSession()
  }, [])
  return (
    <>
      <Door />
      <p class="hidden" role="status">
        {announced.value}
      </p>
    </>
  )
}

/** Who isn't signed in sees the way in, and nothing else. */
function Door() {
  const state = session.value
  if (state.type === 'in') return <Console />
  if (state.type === 'out')
    return <SignIn {...(state.problem ? { problem: state.problem } : {})} ended={state.ended ?? false} />
  return (
    <main class="door">
      {state.type === 'unknown' ? (
        <Failure problem={state.problem} onRetry={askSession} />
      ) : (
        <p class="door-wait" role="status">
          Opening…
        </p>
      )}
    </main>
  )
}

function Console() {
  const projects = useRead(getProjects).value
  const recent = useRead(getRecentRuns).value
  const lanes = [...new Set(projects?.map((project) => `workspace:${project.workspace_id}`))]
    .sort()
    .join('\n')
  useEffect(startLive, [])
  useEffect(() => hear(lanes ? lanes.split('\n') : []), [lanes])
  useEffect(() => {
    if (recent) learn(recent)
  }, [recent])
  useEffect(() => forgetRuns, [])

  const { path } = place.value
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" class="page" tabIndex={-1}>
        <Outdated />
        <View path={path} />
      </main>
    </>
  )
}

function View({ path }: { path: string }) {
  for (const [pattern, Component] of ROUTES) {
    const params = match(pattern, path)
    if (params) return <Component key={path} id={params.id ?? ''} />
  }
  return <NotFound key={path} />
}
