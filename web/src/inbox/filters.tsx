import { capital, count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { navigate, place } from '../router.ts'
import { type Filter, type Item, kindText } from './items.ts'
import { plain } from './words.ts'

/** The filter that the address says. */
export function filterOf({ query }: typeof place.value): Filter {
  return {
    state: query.get('state') === 'settled' ? 'settled' : 'open',
    table: query.get('collection') ?? '',
    kind: query.get('kind') ?? '',
    text: query.get('q') ?? '',
  }
}

/** Keeps the filter in the address, so that a reload and the way back find it. */
function say(name: 'collection' | 'kind' | 'q', value: string): void {
  const query = new URLSearchParams(place.peek().query)
  if (value === '') query.delete(name)
  else query.set(name, value)
  const text = query.toString()
  navigate(text ? `/conflicts?${text}` : '/conflicts', { replace: true })
}

export const clearFilter = (): void => {
  const { query } = place.peek()
  navigate(query.has('state') ? `/conflicts?state=${query.get('state')}` : '/conflicts', { replace: true })
}

/** Search, collection and kind; only those that the list holds. */
export function Filters({ items, filter, shown }: { items: readonly Item[]; filter: Filter; shown: number }) {
  const tables = counted(items, ({ table }) => table)
  const kinds = counted(items, ({ kind }) => kind)
  return (
    <search class="filters">
      <label class="search">
        <span class="hidden">Search conflicts</span>
        <Icon name="search" class="search-mark" />
        <input
          type="search"
          placeholder="Search"
          value={filter.text}
          onInput={(event) => say('q', event.currentTarget.value)}
        />
      </label>
      <Choice
        name="collection"
        label="Collection"
        any="All collections"
        of={tables}
        value={filter.table}
        text={(table) => capital(plain(table))}
      />
      <Choice name="kind" label="Kind" any="All kinds" of={kinds} value={filter.kind} text={kindText} />
      <p class="filters-count quiet" role="status">
        {shown === items.length
          ? count(items.length, 'conflict')
          : `${shown} of ${count(items.length, 'conflict')}`}
      </p>
    </search>
  )
}

function Choice(props: {
  name: 'collection' | 'kind'
  label: string
  any: string
  of: ReadonlyMap<string, number>
  value: string
  text: (of: string) => string
}) {
  const { name, label, any, of, value, text } = props
  if (of.size < 2 && value === '') return null
  return (
    <label class="choice">
      <span class="hidden">{label}</span>
      <select value={value} onChange={(event) => say(name, event.currentTarget.value)}>
        <option value="">{any}</option>
        {[...new Set([...of.keys(), ...(value ? [value] : [])])].sort().map((one) => (
          <option key={one} value={one}>
            {text(one)} ({of.get(one) ?? 0})
          </option>
        ))}
      </select>
    </label>
  )
}

const counted = (items: readonly Item[], of: (item: Item) => string): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(items, of)].map(([name, group]) => [name, group.length]))
