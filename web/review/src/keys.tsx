import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { rules } from './page-state.ts'
import { sidesOf } from './side.ts'
import type { Review } from './start.ts'

const STORED = 'tidemark:review-keys'
const isOn = signal(localStorage.getItem(STORED) !== 'off')

/** Single keys can be switched off: who speaks to the computer presses them without meaning to (WCAG 2.1.4). */
export function Keys({ review }: { review: Review }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!isOn.peek() || isForOther(event)) return
      const act = actOf(event.key, review)
      if (!act) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [review])
  return (
    <details class="keys">
      <summary>Keys</summary>
      <label class="check">
        <input
          type="checkbox"
          checked={isOn.value}
          onChange={({ currentTarget }) => {
            isOn.value = currentTarget.checked
            localStorage.setItem(STORED, currentTarget.checked ? 'on' : 'off')
          }}
        />
        Answer by keys
      </label>
      <p class="quiet">
        1 to {rules.value?.length ?? 3}: the buttons in their order. → and ←: as a swipe. S or ↓: skip. Z or
        U: undo.
      </p>
    </details>
  )
}

/** What a key does; undefined: nothing. */
function actOf(key: string, review: Review): (() => void) | undefined {
  const statuses = rules.peek() ?? []
  const sides = sidesOf(statuses)
  const status =
    key === 'ArrowRight' ? sides.right : key === 'ArrowLeft' ? sides.left : statuses[Number(key) - 1]
  if (status) return () => void review.answer(status)
  if (/^[zu]$/i.test(key)) return () => void review.undo()
  if (/^(s|ArrowDown)$/i.test(key)) return () => review.skip()
  return undefined
}

const isForOther = (event: KeyboardEvent) =>
  event.defaultPrevented ||
  event.repeat ||
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  (event.target instanceof Element &&
    event.target.closest('input:not([type=checkbox]), textarea, select') !== null)
