import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Answer } from '../data/api.ts'
import { count } from '../format.ts'
import { Icon } from '../parts/icons.tsx'

/** Rest after a key before it is searched, in milliseconds: longer than between two keys of who types fast. */
const REST = 200

/** A search whose findings are chosen from a list: with the arrow keys and Enter, or by a click. */
export function Picker<T extends { readonly id: string }>(props: {
  label: string
  hint: string
  find: (text: string) => Promise<Answer<T[]>>
  show: (found: T) => ComponentChildren
  onPick: (found: T) => void
}) {
  const { find, onPick } = props
  const id = useId()
  const [text, setText] = useState('')
  const [found, setFound] = useState<readonly T[] | null>(null)
  const [at, setAt] = useState(0)
  const [problem, setProblem] = useState<Problem | null>(null)

  useEffect(() => {
    const wanted = text.trim()
    if (!wanted) return setFound(null)
    let isOld = false
    const timer = setTimeout(async () => {
      const answer = await find(wanted)
      if (isOld) return
      setProblem(answer.ok ? null : answer.problem)
      setFound(answer.ok ? answer.value : null)
      setAt(0)
    }, REST)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [text, find])

  function pick(one: T | undefined) {
    if (!one) return
    setText('')
    setFound(null)
    onPick(one)
  }

  function press(event: KeyboardEvent) {
    // Enter in a field of a form would send the order.
    if (event.key === 'Enter') event.preventDefault()
    if (!found || found.length === 0) return
    if (event.key === 'Enter') pick(found[at])
    else if (event.key === 'ArrowDown') setAt((at + 1) % found.length)
    else if (event.key === 'ArrowUp') setAt((at - 1 + found.length) % found.length)
    else if (event.key === 'Escape') setText('')
    else return
    event.preventDefault()
  }

  const isOpen = found !== null && found.length > 0
  return (
    <div class="field picker">
      <label class="field-name" for={id}>
        {props.label}
      </label>
      <div class="search">
        <Icon name="search" class="search-mark" />
        <input
          id={id}
          type="text"
          role="combobox"
          autocomplete="off"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-found`}
          aria-activedescendant={isOpen ? `${id}-${at}` : undefined}
          aria-describedby={`${id}-said`}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={press}
        />
      </div>
      <small id={`${id}-said`} role="status">
        {problem ? `${problem.detail} ${problem.mend}` : words(text, found, props.hint)}
      </small>
      <div
        id={`${id}-found`}
        role="listbox"
        aria-label={`${props.label}: found`}
        class="found"
        hidden={!isOpen}
      >
        {found?.map((one, i) => (
          // The keys are the input's: the focus stays there, as the pattern of a combobox wants it.
          <div
            key={one.id}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(one)}
            onKeyDown={press}
          >
            {props.show(one)}
          </div>
        ))}
      </div>
    </div>
  )
}

function words(text: string, found: readonly unknown[] | null, hint: string): string {
  if (!text.trim()) return hint
  if (!found) return 'Searching…'
  return found.length === 0 ? 'Nothing found' : `${count(found.length, 'entry', 'entries')}: choose one`
}
