import type { Account } from '../../../sync/protocol/smart-sync.ts'
import { capital, count, METRICS } from '../format.ts'
import { arrange, type Column, orderBy, orderOf } from './accounts-order.ts'
import { NarrowAccounts, WideAccounts } from './accounts-rows.tsx'
import { Icon } from './icons.tsx'
import { useMedia } from './media.ts'
import { Empty } from './notice.tsx'

const COLUMNS: readonly (readonly [Column, string])[] = [
  ['username', 'Account'],
  ['platform', 'Platform'],
  ...METRICS.map((metric) => [metric, capital(metric)] as const),
  ['updated_at', 'Updated'],
]

/** A project's accounts: filtered, sorted, and as a table of its own shape on a phone. */
export function AccountsTable({ project, accounts }: { project: string; accounts: readonly Account[] }) {
  const isNarrow = useMedia('(max-width: 62rem)')
  const order = orderOf(project)
  const rows = arrange(accounts, order.value)
  if (accounts.length === 0)
    return (
      <Empty icon="person" title="No accounts yet">
        <p>Rows of the project's tab become accounts with the next sync.</p>
      </Empty>
    )
  const sortBy = (by: Column) => {
    order.value = orderBy(order.value, by)
  }
  return (
    <>
      <div class="table-tools">
        <label class="search">
          <span class="search-mark">
            <Icon name="search" />
          </span>
          <span class="hidden">Filter accounts</span>
          <input
            type="search"
            placeholder="Filter by name, platform or address"
            value={order.value.filter}
            onInput={(event) => {
              order.value = { ...order.value, filter: event.currentTarget.value }
            }}
          />
        </label>
        {isNarrow && (
          <div class="sorter">
            <label>
              <span class="hidden">Sort by</span>
              <select
                value={order.value.by}
                onChange={(event) => sortBy(event.currentTarget.value as Column)}
              >
                {COLUMNS.map(([by, text]) => (
                  <option key={by} value={by}>
                    {text}
                  </option>
                ))}
              </select>
            </label>
            <button
              type="button"
              class="icon-button"
              aria-label={order.value.descending ? 'Descending; turn round' : 'Ascending; turn round'}
              onClick={() => sortBy(order.value.by)}
            >
              <Icon name={order.value.descending ? 'down' : 'up'} />
            </button>
          </div>
        )}
        <p class="quiet" role="status">
          {rows.length === accounts.length
            ? count(rows.length, 'account')
            : `${rows.length} of ${count(accounts.length, 'account')}`}
        </p>
      </div>
      {rows.length === 0 ? (
        <Empty icon="search" title="No account matches">
          <p>
            <button
              type="button"
              class="button"
              onClick={() => {
                order.value = { ...order.value, filter: '' }
              }}
            >
              Clear the filter
            </button>
          </p>
        </Empty>
      ) : isNarrow ? (
        <NarrowAccounts rows={rows} />
      ) : (
        <WideAccounts rows={rows} columns={COLUMNS} order={order.value} sortBy={sortBy} />
      )}
    </>
  )
}
