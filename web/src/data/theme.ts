import { effect, signal } from '@preact/signals'
import { keepSetting, readSetting } from './setting.ts'

const KEY = 'tidemark:theme'
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const theme = signal<Theme>(stored())

/** theme.js does the same before the first paint; this follows the chooser. */
effect(() => {
  if (theme.value === 'system') {
    keepSetting(KEY, null)
    delete document.documentElement.dataset.theme
  } else {
    keepSetting(KEY, theme.value)
    document.documentElement.dataset.theme = theme.value
  }
})

function stored(): Theme {
  const value = readSetting(KEY)
  return THEMES.find((name) => name === value) ?? 'system'
}
