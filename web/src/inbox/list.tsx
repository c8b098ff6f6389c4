import { useState } from 'preact/hooks'
import { announce } from '../data/announce.ts'
import { isAdmin } from '../data/session.ts'
import { capital, count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Empty } from '../parts/notice.tsx'
import { place } from '../router.ts'
import { AutoDialog } from './auto-dialog.tsx'
import { BulkDialog } from './bulk-dialog.tsx'
import { clearFilter, Filters, filterOf } from './filters.tsx'
import { rowAfter, useFocusAfter, useHeldFocus } from './focus.ts'
import { grouped, type Item, matches } from './items.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { ResolveDialog } from './resolve-dialog.tsx'
import { InboxRow } from './row.tsx'
import { SelectBar } from './select-bar.tsx'
import { useKeys } from './use-keys.ts'
import { useSelection } from './use-selection.ts'
import { plain, type StrategyName, strategyText } from './words.ts'

/** Rows drawn at a time: a phone scrolls through them in a breath, and the next ones are a tap away. */
const DRAWN = 50

type Task =
  | { readonly type: 'resolve'; readonly item: Item; readonly strategy: StrategyName }
  | {
      readonly type: 'bulk'
      readonly items: readonly Item[]
      readonly strategy: 'keep_local' | 'keep_remote'
    }
  | { readonly type: 'auto' }
  | { readonly type: 'keys' }

/** The list with its filters, its selection, its keys, and what they lead to. */
export function InboxList(props: {
  items: readonly Item[]
  state: 'open' | 'settled'
  onMore?: () => Promise<void>
}) {
  const { items, state, onMore } = props
  const filter = filterOf(place.value)
  const found = items.filter((item) => matches(filter, item))
  const groups = grouped(found)
  const order = groups.flatMap(([, of]) => of)
  const [drawn, setDrawn] = useState(DRAWN)
  const [task, setTask] = useState<Task | null>(null)
  // A dialog tells late that it was closed: another one may be open by then.
  const close = (of: Task) => setTask((now) => (now === of ? null : now))
  const selection = useSelection(order.filter(({ conflict, isOpen }) => conflict && isOpen))
  const focusAfter = useFocusAfter(task !== null)
  useHeldFocus(order)

  /** The row leaves the list: the focus goes to the one that takes its place. */
  const finish = (leaving: readonly Item[]) => {
    focusAfter(rowAfter(order, leaving))
    selection.clear()
    setTask(null)
  }
  const settle = (item: Item, strategy: StrategyName) => {
    if (!item.conflict || !item.isOpen) return announce('This conflict closes by itself')
    if (item.conflict.strategies.some((one) => one.strategy === strategy))
      setTask({ type: 'resolve', item, strategy })
    else announce(`${strategyText(strategy, item.conflict)}: not for this conflict`)
  }
  useKeys({
    rows: order.slice(0, drawn),
    onSelect: (item) => selection.toggle(item.id, false),
    onStrategy: settle,
    onKeys: () => setTask({ type: 'keys' }),
  })

  if (items.length === 0) return <Nothing state={state} />
  let left = drawn
  return (
    <>
      <Filters items={items} filter={filter} shown={found.length} />
      {state === 'open' && (
        <SelectBar
          selection={selection}
          onBulk={(strategy) => setTask({ type: 'bulk', items: selection.chosen, strategy })}
          onKeys={() => setTask({ type: 'keys' })}
          {...(isAdmin.value && { onAuto: () => setTask({ type: 'auto' }) })}
        />
      )}
      {found.length === 0 && (
        <Empty icon="search" title="No conflict matches">
          <button type="button" class="button" onClick={clearFilter}>
            Clear the filter
          </button>
        </Empty>
      )}
      {groups.map(([table, group]) => {
        const rows = group.slice(0, Math.max(0, left))
        left -= group.length
        if (rows.length === 0) return null
        const name = capital(plain(table))
        return (
          <section key={table} aria-label={name}>
            <h2 class="inbox-group">
              {name} <span class="quiet">{group.length}</span>
            </h2>
            <ul class="inbox">
              {rows.map((item) => (
                <InboxRow
                  key={item.id}
                  item={item}
                  isSelected={selection.has(item.id)}
                  onSelect={(isRange) => selection.toggle(item.id, isRange)}
                  onOffer={({ how }) => settle(item, how.strategy)}
                />
              ))}
            </ul>
          </section>
        )
      })}
      <More left={order.length - drawn} onShow={() => setDrawn(drawn + DRAWN)} {...(onMore && { onMore })} />
      {task?.type === 'resolve' && task.item.conflict && (
        <ResolveDialog
          key={`${task.item.id} ${task.strategy}`}
          conflict={task.item.conflict}
          strategy={task.strategy}
          onDone={() => finish([task.item])}
          onClose={() => close(task)}
        />
      )}
      {task?.type === 'bulk' && (
        <BulkDialog
          conflicts={task.items.flatMap(({ conflict }) => conflict ?? [])}
          strategy={task.strategy}
          onDone={() => finish(task.items)}
          onClose={() => close(task)}
        />
      )}
      {task?.type === 'auto' && (
        <AutoDialog
          conflicts={items.flatMap(({ conflict }) => conflict ?? [])}
          onDone={() => finish([])}
          onClose={() => close(task)}
        />
      )}
      {task?.type === 'keys' && <KeysDialog onClose={() => close(task)} />}
    </>
  )
}

function Nothing({ state }: { state: 'open' | 'settled' }) {
  return state === 'open' ? (
    <Empty icon="done" title="Nothing waits for you">
      <p>Every edit so far was settled, and is in the history of its row.</p>
    </Empty>
  ) : (
    <Empty icon="queued" title="Nothing was settled yet">
      <p>Conflicts that were settled are kept here, with who did it and how.</p>
    </Empty>
  )
}

/** Rows that are there and not drawn, then those that the server has yet. */
function More({ left, onShow, onMore }: { left: number; onShow: () => void; onMore?: () => Promise<void> }) {
  if (left <= 0 && !onMore) return null
  return (
    <p class="inbox-more">
      {left > 0 ? (
        <button type="button" class="button" onClick={onShow}>
          Show {Math.min(left, DRAWN)} more <span class="quiet">of {count(left, 'conflict')}</span>
        </button>
      ) : (
        <button type="button" class="button" onClick={onMore}>
          <Icon name="queued" />
          Older conflicts
        </button>
      )}
    </p>
  )
}
