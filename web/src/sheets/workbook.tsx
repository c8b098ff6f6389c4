import { useState } from 'preact/hooks'
import type { TableStatistics } from '../../../sync/protocol/reference.ts'
import type { Sheet } from '../../../sync/protocol/sheets.ts'
import { isAdmin } from '../data/session.ts'
import { runOf } from '../data/sheets-live.ts'
import { count } from '../format.ts'
import { Fact } from '../parts/fact.tsx'
import { Icon } from '../parts/icons.tsx'
import { Progress } from '../parts/progress.tsx'
import { triggerOf } from '../parts/run-words.ts'
import { Ago } from '../parts/time.tsx'
import { Guard } from './guard.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { ScriptDialog } from './script-dialog.tsx'
import { standOfSheet } from './stand.ts'
import { StandBadge } from './stand-badge.tsx'
import { SyncActions } from './sync-actions.tsx'
import { Tabs } from './tabs.tsx'
import { Trouble } from './trouble.tsx'
import { every, POLICIES, policyOf, sheetName } from './words.ts'

/** One linked workbook: how it stands, what runs, what a guard holds, and its tabs. */
export function Workbook({ sheet, statistics }: { sheet: Sheet; statistics: readonly TableStatistics[] }) {
  const [asks, setAsks] = useState<'link' | 'script' | null>(null)
  const run = runOf(sheet.link)
  const name = sheetName(sheet)
  const isLinked = sheet.spreadsheet_id !== null
  return (
    <article class="card sheet-card" aria-labelledby={sheet.link}>
      <header class="sheet-head">
        <div>
          <h2 id={sheet.link}>{name}</h2>
          <p class="quiet">
            {!isLinked && 'No workbook is linked'}
            {sheet.url && (
              <a href={sheet.url} target="_blank" rel="noreferrer">
                Open the workbook <Icon name="out" />
              </a>
            )}
          </p>
        </div>
        <StandBadge stand={standOfSheet(sheet, statistics, run)} />
      </header>
      {isLinked && sheet.trouble && <Trouble trouble={sheet.trouble} />}
      {sheet.tabs.map((tab) => tab.guard && <Guard key={tab.table} tab={tab} guard={tab.guard} />)}
      {run && (
        <div class="sheet-run">
          <p>
            <a href={`/runs/${run.id}`}>{run.full ? 'Reading everything' : 'Syncing'}</a>{' '}
            <span class="quiet">{triggerOf(run)}</span>
          </p>
          <Progress run={run} />
        </div>
      )}
      {isLinked && <Facts sheet={sheet} />}
      {isLinked ? (
        <Tabs sheet={sheet} statistics={statistics} run={run} />
      ) : (
        <p>
          {count(sheet.tabs.length, 'table')} can be kept in a workbook, a tab each:{' '}
          {sheet.tabs.map(({ label }) => label).join(', ')}.
        </p>
      )}
      {isAdmin.value && (
        <footer class="sheet-foot">
          {isLinked && <SyncActions sheet={sheet} />}
          <button type="button" class="button" aria-haspopup="dialog" onClick={() => setAsks('link')}>
            {isLinked ? 'Change the link' : 'Link a workbook'}
            <span class="hidden"> of {name}</span>
          </button>
          {isLinked && (
            <button type="button" class="button" aria-haspopup="dialog" onClick={() => setAsks('script')}>
              Instant sync
              <span class="hidden"> of {name}</span>
            </button>
          )}
        </footer>
      )}
      {asks === 'link' && <LinkDialog sheet={sheet} onClose={() => setAsks(null)} />}
      {asks === 'script' && <ScriptDialog sheet={sheet} onClose={() => setAsks(null)} />}
    </article>
  )
}

function Facts({ sheet }: { sheet: Sheet }) {
  const { last_good_at, last_check_at, next_due_at, check_minutes, last_ping_at } = sheet
  return (
    <dl class="sheet-facts is-wide">
      <Fact term="In step">{last_good_at ? <Ago time={last_good_at} /> : 'Not yet'}</Fact>
      <Fact term="Looked last">{last_check_at ? <Ago time={last_check_at} /> : 'Not yet'}</Fact>
      <Fact term="Looks next">
        {next_due_at ? <Ago time={next_due_at} /> : '–'}{' '}
        <span class="quiet block">{every(check_minutes)}</span>
      </Fact>
      <Fact term="Instant sync">
        {last_ping_at ? (
          <>
            told <Ago time={last_ping_at} />
          </>
        ) : (
          'not heard of late'
        )}
      </Fact>
      <Fact term="Changed on both sides">{POLICIES[policyOf(sheet)]}</Fact>
    </dl>
  )
}
