import type { TableStatistics } from '../../../sync/protocol/reference.ts'
import type { Run } from '../../../sync/protocol/runs.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { isAdmin } from '../data/session.ts'
import type { Tab as TabOf } from '../data/sheets.ts'
import { count, duration, exact } from '../format.ts'
import { Fact } from '../parts/fact.tsx'
import { Icon } from '../parts/icons.tsx'
import { Ago } from '../parts/time.tsx'
import { type Around, standOfTab } from './stand.ts'
import { StandBadge } from './stand-badge.tsx'
import { POLICIES, percent, policyOf } from './words.ts'

/** The tabs of a workbook: how each stands, and its numbers. `statistics`: of the tables that are counted */
export function Tabs(props: { sheet: Sheet; statistics: readonly TableStatistics[]; run: Run | undefined }) {
  const { sheet, statistics, run } = props
  return (
    <ul class="sheet-tabs">
      {sheet.tabs.map((tab) => (
        <li key={tab.table}>
          <Tab
            tab={tab}
            around={{ sheet, run, statistics: statistics.find(({ table }) => table === tab.table) }}
          />
        </li>
      ))}
    </ul>
  )
}

function Tab({ tab, around }: { tab: TabOf; around: Around }) {
  const { sheet, statistics } = around
  const id = `${sheet.link}-${tab.table}`
  const synced = statistics?.last_sync_at ?? sheet.last_good_at
  return (
    <section aria-labelledby={id}>
      <header class="sheet-head">
        <h3 id={id}>
          {tab.label}
          {tab.tab !== tab.label && <span class="quiet"> in the tab {tab.tab}</span>}
        </h3>
        <StandBadge stand={standOfTab(tab, around)} />
      </header>
      <dl class="sheet-facts">
        <Fact term="Rows">{exact(tab.rows)}</Fact>
        <Fact term="Last sync">{synced ? <Ago time={synced} /> : 'Not yet'}</Fact>
        {statistics && <Numbers of={statistics} />}
        {tab.policy !== policyOf(sheet) && <Fact term="Changed on both sides">{POLICIES[tab.policy]}</Fact>}
      </dl>
      {tab.open_conflicts > 0 && (
        <p class="sheet-questions">
          <Icon name="conflict" class="tone-warn" />{' '}
          {isAdmin.value ? (
            <a href={`/conflicts?collection=${encodeURIComponent(tab.table)}`}>
              {count(tab.open_conflicts, 'open question')}
            </a>
          ) : (
            count(tab.open_conflicts, 'open question')
          )}
        </p>
      )}
    </section>
  )
}

function Numbers({ of }: { of: TableStatistics }) {
  const { rows_in, cells_out, duration_ms, runs, error_rate, calls } = of
  return (
    <>
      <Fact term="Rows in">
        {exact(rows_in.last)} <span class="quiet">of {exact(rows_in.all)} lately</span>
      </Fact>
      <Fact term="Cells out">
        {exact(cells_out.last)} <span class="quiet">of {exact(cells_out.all)} lately</span>
      </Fact>
      <Fact term="Took">{duration_ms.last === null ? '–' : duration(duration_ms.last)}</Fact>
      <Fact term="Errors">
        {runs === 0 ? '–' : percent(error_rate)}{' '}
        {runs > 0 && <span class="quiet">of {count(runs, 'run')}</span>}
      </Fact>
      <Fact term="Calls">
        {exact(calls.last)} <span class="quiet">{exact(calls.day)} today</span>
      </Fact>
    </>
  )
}
