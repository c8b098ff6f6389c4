import type { Run } from '../../../sync/protocol/runs.ts'
import { count, exact } from '../format.ts'
import { Fact } from '../parts/fact.tsx'
import { Due, Since } from './moment.tsx'
import { Remarks, StandBadge } from './remarks.tsx'
import { Scopes } from './scopes.tsx'
import type { LinkStatus } from './shapes.ts'
import { standOfAll } from './stand.ts'
import { SyncActions } from './sync-actions.tsx'
import { probeWords, skipRate, systemName } from './words.ts'

/** A card a system. Those that each user has for himself are as wide as the page once there are several users. */
export function Systems({ systems, runs }: { systems: readonly LinkStatus[]; runs: readonly Run[] }) {
  return (
    <ul class="erp-cards">
      {systems.map((system) => (
        <li key={system.link} class={system.scopes.length > 1 ? 'is-wide' : ''}>
          <Card system={system} runs={runs} />
        </li>
      ))}
    </ul>
  )
}

function Card({ system, runs }: { system: LinkStatus; runs: readonly Run[] }) {
  const { scopes, link } = system
  const name = systemName(system.system)
  const [only] = scopes
  const active = scopes.filter((scope) => scope.active)
  const rows = scopes.reduce((sum, scope) => sum + scope.rows, 0)
  const actions = active.length > 0 && (
    <SyncActions
      system={system.system}
      name={name}
      users={system.per === 'user' ? active.map(({ scope }) => scope) : null}
      rows={rows}
    />
  )
  return (
    <article class="card erp-card" aria-labelledby={link}>
      <header class="erp-card-head">
        <div>
          <h3 id={link}>{name}</h3>
          <p class="quiet">{whose(system)}</p>
        </div>
        <StandBadge stand={standOfAll(system, runs)} />
      </header>
      <dl class="erp-facts">
        <Fact term="Rows">{exact(rows)}</Fact>
        <Fact term="Last full">
          <Since times={scopes.map(({ last_full_at }) => last_full_at)} />
        </Fact>
        <Fact term="Last check">
          <Since times={scopes.map(({ last_check_at }) => last_check_at)} />
        </Fact>
        <Fact term="Next check">
          <Due times={active.map(({ next_due_at }) => next_due_at)} />
        </Fact>
        <Fact term="Checks without news">{skipRate(scopes)}</Fact>
      </dl>
      <p class="quiet">{probeWords(system)}</p>
      {scopes.length > 1 ? (
        <Scopes system={system} runs={runs}>
          {actions}
        </Scopes>
      ) : (
        <>
          {only && <Remarks system={system.system} scope={only} />}
          <footer class="erp-card-foot">{actions}</footer>
        </>
      )}
    </article>
  )
}

function whose({ per, scopes }: LinkStatus): string {
  if (per !== 'user') return 'Shared by all'
  const [only] = scopes
  if (!only) return 'Of no user yet'
  return scopes.length === 1 ? `Of ${only.scope}` : `Of ${count(scopes.length, 'user')}`
}
