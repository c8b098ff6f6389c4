import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Run } from '../../../sync/protocol/runs.ts'
import { count, exact } from '../format.ts'
import { useMedia } from '../parts/media.ts'
import { Due, Since } from './moment.tsx'
import { Remarks, StandBadge } from './remarks.tsx'
import type { LinkStatus, ScopeStatus } from './shapes.ts'
import { byUrgency, standOf } from './stand.ts'
import { SyncActions } from './sync-actions.tsx'
import { skipRate, systemName } from './words.ts'

/** Users shown at first, those that need a look on top. */
const SHOWN = 5

/** One system user by user: a table, or cards where there is no room for one. */
export function Scopes({
  system,
  runs,
  children,
}: {
  system: LinkStatus
  runs: readonly Run[]
  children: ComponentChildren
}) {
  const [isAll, setAll] = useState(false)
  const isNarrow = useMedia('(max-width: 70rem)')
  const all = byUrgency(system.link, system.scopes, runs)
  const shown = isAll ? all : all.slice(0, SHOWN)
  const props = { system, runs, shown }
  return (
    <>
      {isNarrow ? <Cards {...props} /> : <Table {...props} />}
      <footer class="erp-card-foot">
        {children}
        {all.length > SHOWN && (
          <button type="button" class="button" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? 'Show fewer users' : `Show all ${count(all.length, 'user')}`}
            <span class="hidden"> of {systemName(system.system)}</span>
          </button>
        )}
      </footer>
    </>
  )
}

interface Props {
  system: LinkStatus
  runs: readonly Run[]
  shown: readonly ScopeStatus[]
}

function Table({ system, runs, shown }: Props) {
  const name = systemName(system.system)
  return (
    <table class="erp-scopes">
      <caption class="hidden">{name} by user</caption>
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">
            Rows
          </th>
          <th scope="col">Last full</th>
          <th scope="col">Last check</th>
          <th scope="col">Next check</th>
          <th scope="col">Without news</th>
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((scope) => (
          <tr key={scope.scope}>
            <th scope="row">
              {scope.scope}
              <Remarks system={system.system} scope={scope} />
            </th>
            <td>
              <StandBadge stand={standOf(system.link, scope, runs)} />
            </td>
            <td class="number">{exact(scope.rows)}</td>
            <td>
              <Since times={[scope.last_full_at]} />
            </td>
            <td>
              <Since times={[scope.last_check_at]} />
            </td>
            <td>
              <Due times={[scope.active ? scope.next_due_at : null]} />
            </td>
            <td>{skipRate([scope])}</td>
            <td>{scope.active && <SyncActions {...ofScope(system, scope)} isSmall />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cards({ system, runs, shown }: Props) {
  return (
    <ul class="erp-scope-cards" aria-label={`${systemName(system.system)} by user`}>
      {shown.map((scope) => (
        <li key={scope.scope}>
          <p class="erp-scope-head">
            <strong>{scope.scope}</strong>
            <StandBadge stand={standOf(system.link, scope, runs)} />
          </p>
          <dl class="erp-facts">
            <div>
              <dt>Rows</dt>
              <dd>{exact(scope.rows)}</dd>
            </div>
            <div>
              <dt>Last full</dt>
              <dd>
                <Since times={[scope.last_full_at]} />
              </dd>
            </div>
            <div>
              <dt>Last check</dt>
              <dd>
                <Since times={[scope.last_check_at]} />
              </dd>
            </div>
            <div>
              <dt>Next check</dt>
              <dd>
                <Due times={[scope.active ? scope.next_due_at : null]} />
              </dd>
            </div>
            <div>
              <dt>Checks without news</dt>
              <dd>{skipRate([scope])}</dd>
            </div>
          </dl>
          <Remarks system={system.system} scope={scope} />
          {scope.active && <SyncActions {...ofScope(system, scope)} isSmall />}
        </li>
      ))}
    </ul>
  )
}

const ofScope = (system: LinkStatus, { scope, rows }: ScopeStatus) => ({
  system: system.system,
  name: `${systemName(system.system)} of ${scope}`,
  users: [scope],
  rows,
})
