import { useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { isAdmin, session, signOut } from '../data/session.ts'
import { THEMES, theme } from '../data/theme.ts'
import { capital } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Failure } from '../parts/notice.tsx'

const DEVICES = [
  ['/pair/phone', 'Pair a phone'],
  ['/pair/laptop', 'Pair a laptop'],
] as const

/** The page stays when a place of it is gone to: the menu would, too. */
const close = (event: { currentTarget: Element }) =>
  event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()

/** Who is signed in, the theme, and the way out. */
export function Menu() {
  const [problem, setProblem] = useState<Problem | null>(null)
  const state = session.value
  if (state.type !== 'in') return null
  return (
    <>
      <button
        type="button"
        class="icon-button"
        popovertarget="menu"
        aria-label={`Menu of ${state.session.name}`}
      >
        <Icon name="person" />
      </button>
      <div id="menu" class="menu" popover="auto">
        <p class="menu-who">
          <strong>{state.session.name}</strong>
          <span>{capital(state.session.role)}</span>
        </p>
        <fieldset class="segments">
          <legend>Theme</legend>
          {THEMES.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === name}
                onChange={() => {
                  theme.value = name
                }}
              />
              <span class="segment-text">{capital(name)}</span>
            </label>
          ))}
        </fieldset>
        <a class="menu-item" href="/review">
          <Icon name="forward" />
          Review listings
        </a>
        {isAdmin.value && (
          <a class="menu-item" href="/devices" onClick={close}>
            <Icon name="device" />
            Devices
          </a>
        )}
        {DEVICES.map(([href, text]) => (
          <a key={href} class="menu-item" href={href} onClick={close}>
            <Icon name="insert" />
            {text}
          </a>
        ))}
        <a class="menu-item" href="/docs">
          <Icon name="out" />
          API reference
        </a>
        <button type="button" class="menu-item" onClick={async () => setProblem(await signOut())}>
          <Icon name="back" />
          Sign out
        </button>
        {problem && <Failure problem={problem} />}
      </div>
    </>
  )
}
