import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { keepSetting, readSetting } from '../data/setting.ts'
import { navigate } from '../router.ts'
import { focusedRow, focusOn } from './focus.ts'
import type { Item } from './items.ts'
import type { StrategyName } from './words.ts'

const SETTING = 'tidemark:keys'

/** Whether single letters do something: who dictates or touches keys by chance turns them off. */
export const keysOn = signal(readSetting(SETTING) !== 'off')

export function setLetters(isOn: boolean): void {
  keysOn.value = isOn
  keepSetting(SETTING, isOn ? null : 'off')
}

export const STRATEGY_KEYS: Readonly<Record<string, StrategyName>> = {
  r: 'rename_local',
  l: 'keep_local',
  h: 'keep_remote',
  m: 'merge',
}

interface Keys {
  readonly rows: readonly Item[]
  readonly onSelect: (item: Item) => void
  readonly onStrategy: (item: Item, strategy: StrategyName) => void
  readonly onKeys: () => void
}

/** The list's keys, wherever the focus is, but for fields and dialogs. */
export function useKeys({ rows, onSelect, onStrategy, onKeys }: Keys): void {
  useLetters((key) => {
    const at = rows.findIndex(({ id }) => id === focusedRow())
    const row = rows[at]
    const step = stepOf(key, row !== undefined)
    const strategy = STRATEGY_KEYS[key]
    if (step !== 0) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))]
      if (next) focusOn(next.id)
    } else if (key === '?') onKeys()
    else if (key === 'u') document.querySelector<HTMLElement>('[data-undo]')?.click()
    else if (key === 'x' && row) onSelect(row)
    else if (key === 'o' && row) navigate(`/conflicts/${encodeURIComponent(row.id)}`)
    else if (strategy && row) onStrategy(row, strategy)
    else return false
    return true
  })
}

/** Hears keys that are for the page, and not for a field, a dialog or the browser. `press` says whether it used one. */
export function useLetters(press: (key: string) => boolean): void {
  const latest = useRef(press)
  latest.current = press
  // Before it is painted: who sees what a key does may press it.
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (isMeant(event) && latest.current(event.key)) event.preventDefault()
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [])
}

/** Arrows scroll the page until a row has the focus. */
function stepOf(key: string, isInList: boolean): number {
  if (key === 'j' || (key === 'ArrowDown' && isInList)) return 1
  return key === 'k' || (key === 'ArrowUp' && isInList) ? -1 : 0
}

function isMeant(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
  if (event.key.length === 1 && !keysOn.peek()) return false
  if (document.querySelector('dialog[open]')) return false
  const at = event.target instanceof HTMLElement ? event.target : null
  return !at?.matches('select, textarea, input:not([type="checkbox"])')
}
