import { useEffect } from 'preact/hooks'
import type { Conflict } from '../../../sync/protocol/records.ts'
import { getConflicts, getOpenConflicts } from '../data/api.ts'
import { getOpen, getSettled, isInboxPath } from '../data/inbox.ts'
import { refresh } from '../data/reads.ts'
import { isAdmin } from '../data/session.ts'
import { count } from '../format.ts'
import { Heading } from '../parts/heading.tsx'
import { Failure } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { type Pages, usePages } from '../parts/use-pages.ts'
import { place } from '../router.ts'
import { deviceItem, remoteItem } from './items.ts'
import { InboxList } from './list.tsx'
import { gone } from './settled.ts'
import { SettledNotice } from './settled-notice.tsx'
import type { SyncConflict } from './shapes.ts'

/** Nobody tells the page of conflicts: it asks this often, in milliseconds. */
const READ = 20_000

/** All conflicts: open ones to be finished, or settled ones to be looked at. */
export function Inbox() {
  const state = place.value.query.get('state') === 'settled' ? 'settled' : 'open'
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && navigator.onLine) refresh(isInboxPath)
    }, READ)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <Heading title="Conflicts" />
      <p class="quiet under-title">
        Edits that no rule may settle. Both sides are kept, and everything else goes on syncing around them.
      </p>
      <nav class="choices" aria-label="Which conflicts">
        <a href="/conflicts" aria-current={state === 'open' ? 'page' : undefined}>
          Open
        </a>
        <a href="/conflicts?state=settled" aria-current={state === 'settled' ? 'page' : undefined}>
          Settled
        </a>
      </nav>
      <SettledNotice />
      {state === 'open' ? <Open /> : <Settled />}
    </>
  )
}

function Open() {
  const devices = usePages(getOpen, ({ _id }) => _id)
  const remotes = usePages(getOpenConflicts, ({ id }) => id)
  const open = devices.all.filter(({ _id }) => !gone.value.has(_id))
  // Who is no admin settles what came from own devices: the others would only be in the way.
  const mine = isAdmin.value ? open : open.filter(({ strategies }) => strategies.length > 0)
  const others = open.length - mine.length
  return (
    <>
      <Both state="open" devices={{ ...devices, all: mine }} remotes={remotes} />
      {others > 0 && (
        <p class="quiet inbox-others">
          {count(others, 'more conflict')} came from other people’s devices: they or an admin settle{' '}
          {others === 1 ? 'it' : 'them'}.
        </p>
      )}
    </>
  )
}

function Settled() {
  const devices = usePages(getSettled, ({ _id }) => _id)
  const remotes = usePages(getConflicts(null), ({ id }) => id)
  return (
    <Both
      state="settled"
      devices={devices}
      remotes={{ ...remotes, all: remotes.all.filter(({ resolved_at }) => resolved_at !== null) }}
    />
  )
}

/** One list of two. What one of them holds is shown even where the other can't be read. */
function Both(props: { state: 'open' | 'settled'; devices: Pages<SyncConflict>; remotes: Pages<Conflict> }) {
  const { state, devices, remotes } = props
  const told = new Set(devices.all.map(({ _id }) => _id))
  const items = [
    ...devices.all.map(deviceItem),
    // Those of devices have no link; the other list tells more of them, and of those of sheets that people settle here.
    ...remotes.all
      .filter(({ id, link }) => link !== '' && !told.has(id) && !gone.value.has(id))
      .map(remoteItem),
  ]
  const problem = devices.problem ?? remotes.problem
  // Shown as soon as the conflicts of devices are there: the others have a failure of their own.
  const { held } = devices
  return (
    <>
      {remotes.held.problem && !remotes.held.value && !devices.held.problem && (
        <Failure problem={remotes.held.problem} title="Conflicts of sheets and ERP could not be read" />
      )}
      <Shown held={held} skeleton={<Lines n={6} height={4} />}>
        {() => (
          <InboxList
            items={items}
            state={state}
            {...((devices.isMore || remotes.isMore) && {
              onMore: async () => {
                await Promise.all([devices.more(), remotes.more()])
              },
            })}
          />
        )}
      </Shown>
      {problem && <Failure problem={problem} />}
    </>
  )
}
