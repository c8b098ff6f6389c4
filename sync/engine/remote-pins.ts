import type { Change, PinChange, PinRow } from './changes.ts'
import type { LinkDeclaration } from './declare.ts'
import type { Draft } from './draft.ts'
import type { Page, RemoteRow, Warning } from './ports.ts'

/** Pins that the remote shows (a cell note, a pin column) are set and released with it; a pin set elsewhere stands. */
export function remotePins(
  { link: of, now }: { link: LinkDeclaration; now: number },
  target: Draft,
  row: RemoteRow,
  page: Page,
  changes: PinChange[],
  warnings: Warning[],
): void {
  const pins = target.pins as Map<string, PinRow>
  const wanted = new Set(row.pinned ?? [])
  for (const column of wanted) {
    const value = row.values[column]
    if (value === undefined) continue
    const present = pins.get(column)
    const where = page.where(row.position, column)
    if (present && present.source !== of.name) {
      if (present.value !== value)
        warnings.push({
          kind: 'pin_kept',
          message: `${column} is pinned to ${present.value} by ${present.actor}; the pin in the remote waits until that is released`,
          where,
          raw: String(value),
        })
      continue
    }
    if (present?.value === value) continue
    const pin: PinRow = {
      tbl: of.table.name,
      key: target.key,
      col: column,
      value,
      source: of.name,
      actor: where,
      note: '',
      until: null,
      at: now,
    }
    pins.set(column, pin)
    changes.push({ op: 'set', pin })
  }
  for (const pin of [...pins.values()]) {
    if (pin.source !== of.name || wanted.has(pin.col)) continue
    pins.delete(pin.col)
    changes.push({ op: 'release', pin })
  }
}

/** Pins that came and went with the remote, as their rows' histories tell it. `version`: each row's before this run. */
export const pinHistory = (
  of: LinkDeclaration,
  changes: readonly PinChange[],
  version: (key: string) => number,
): Change[] =>
  changes.map(({ op, pin }) => ({
    table: of.table,
    key: pin.key,
    op: op === 'set' ? 'pin' : 'unpin',
    before: { [pin.col]: op === 'set' ? null : pin.value, version: version(pin.key) },
    after: { [pin.col]: op === 'set' ? pin.value : null },
    columns: [pin.col],
    why: { [pin.col]: [pin.actor, op === 'set' ? 'pin' : 'released'] },
  }))
