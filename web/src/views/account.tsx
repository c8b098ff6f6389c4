import { useState } from 'preact/hooks'
import type { Account, MetricName } from '../../../sync/protocol/smart-sync.ts'
import { getAccount, getAccountGrowth, getHistory, getProjects, getSnapshots } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { capital, METRICS } from '../format.ts'
import { nameOf } from '../parts/accounts-order.ts'
import { GrowthFigure } from '../parts/growth-figure.tsx'
import { Crumbs, Heading } from '../parts/heading.tsx'
import { HistoryList } from '../parts/history-list.tsx'
import { Icon } from '../parts/icons.tsx'
import { MetricTiles } from '../parts/metric-tiles.tsx'
import { PinDialog, type PinTask } from '../parts/pin-dialog.tsx'
import { PinPanel } from '../parts/pin-panel.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { Ago } from '../parts/time.tsx'
import { navigate, place } from '../router.ts'

/** One account: its numbers, how they grew, and why each of them is what it is. */
export function AccountView({ id }: { id: string }) {
  const held = useRead(getAccount(id))
  const projects = useRead(getProjects).value
  const account = held.value
  const project = projects?.find((candidate) => candidate.id === account?.project_id)
  const above = account ? [[`/projects/${account.project_id}`, project?.name ?? 'Project'] as const] : []
  return (
    <>
      <Crumbs links={[['/', 'Overview'], ...above]} />
      <Heading title={account ? nameOf(account) : 'Account'} />
      <Shown held={held} skeleton={<AccountSkeleton />}>
        {(value) => <Content account={value} />}
      </Shown>
    </>
  )
}

function Content({ account }: { account: Account }) {
  const [task, setTask] = useState<PinTask | null>(null)
  const growth = useRead(getAccountGrowth(account.id)).value
  const snapshots = useRead(getSnapshots(account.id))
  const history = useRead(getHistory(account.id))
  const metric = chosenMetric()
  return (
    <>
      <p class="quiet under-title">
        {account.platform} ·{' '}
        <a href={account.profile_url} target="_blank" rel="noreferrer">
          {account.profile_url.replace(/^https?:\/\//, '')} <Icon name="out" />
          <span class="hidden"> (new tab)</span>
        </a>{' '}
        · updated <Ago time={account.updated_at} />
      </p>
      <MetricTiles account={account} growth={growth} chosen={metric} onChoose={choose} />
      <PinPanel account={account} metric={metric} onTask={setTask} />
      <section class="panel" aria-labelledby="growth">
        <h2 id="growth">{capital(metric)} over time</h2>
        <Shown held={snapshots} skeleton={<div class="chart-skeleton" />}>
          {(all) => <GrowthFigure snapshots={all} metric={metric} />}
        </Shown>
      </section>
      <section class="panel" aria-labelledby="why">
        <h2 id="why">Why {metric} is what it is</h2>
        <Shown held={history} skeleton={<Lines n={5} height={2.5} />}>
          {(entries) => (
            <HistoryList
              key={account.id}
              entries={entries}
              next={history.next ?? null}
              account={account}
              metric={metric}
            />
          )}
        </Shown>
      </section>
      {task && <PinDialog account={account} task={task} onClose={() => setTask(null)} />}
    </>
  )
}

/** The chosen metric stands in the address, so that a link can name it. */
function chosenMetric(): MetricName {
  const wanted = place.value.query.get('metric')
  return METRICS.find((metric) => metric === wanted) ?? 'followers'
}

const choose = (metric: MetricName) => navigate(`${place.peek().path}?metric=${metric}`, { replace: true })

function AccountSkeleton() {
  return (
    <>
      <p class="under-title">&nbsp;</p>
      <div class="tiles">
        {METRICS.map((metric) => (
          <div key={metric} class="tile is-waiting" />
        ))}
      </div>
      <div class="pin-panel is-waiting" />
      <div class="panel">
        <div class="chart-skeleton" />
      </div>
    </>
  )
}
