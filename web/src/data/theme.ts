import { effect, signal } from '@preact/signals'

const KEY = 'tidemark:theme'
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const theme = signal<Theme>(stored())

/** theme.js does the same before the first paint; this follows the chooser. */
effect(() => {
  if (theme.value === 'system') {
    localStorage.removeItem(KEY)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(KEY, theme.value)
    document.documentElement.dataset.theme = theme.value
  }
})

function stored(): Theme {
  const value = localStorage.getItem(KEY)
  return THEMES.find((name) => name === value) ?? 'system'
}
