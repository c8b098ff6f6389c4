import type { Page } from 'playwright-core'
import type { Picture } from './screenshots.ts'
import { makeHeld, makeNew, makeSyncing, makeUnlinked, makeUnreachable } from './sheet-scenes.ts'

const path = '/sheets'
const presses = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click()
  await page.getByRole('dialog').waitFor()
  await page.waitForLoadState('networkidle')
}

/** Of the README. */
export const SHEET_PICTURES: readonly Picture[] = [{ name: 'sheets', path }]

/** Every other state of the sheets' view. */
export const SHEET_STATES: readonly Picture[] = [
  { name: 'sheets-dark', path, theme: 'dark' },
  { name: 'sheets-small', path, small: true },
  { name: 'sheets-held', path, prepare: makeHeld },
  { name: 'sheets-held-small-dark', path, prepare: makeHeld, small: true, theme: 'dark' },
  { name: 'sheets-unreachable', path, prepare: makeUnreachable },
  { name: 'sheets-unreachable-small', path, prepare: makeUnreachable, small: true },
  { name: 'sheets-unlinked', path, prepare: makeUnlinked },
  { name: 'sheets-new', path, prepare: makeNew },
  { name: 'sheets-syncing', path, prepare: makeSyncing },
  { name: 'sheets-user', path, behaviour: { role: 'user' }, prepare: makeHeld },
  { name: 'sheets-failing', path, prepare: (fake) => fake.behaviour.failing.push('/api/sheets') },
  { name: 'sheets-link-ask', path, before: presses(/^Change the link/) },
  { name: 'sheets-link-ask-small', path, small: true, theme: 'dark', before: presses(/^Change the link/) },
  { name: 'sheets-script-ask', path, before: presses(/^Instant sync/) },
  { name: 'sheets-script-ask-small', path, small: true, before: presses(/^Instant sync/) },
  { name: 'sheets-guard-ask', path, prepare: makeHeld, before: presses(/^Let them go/) },
  { name: 'sheets-cell', path: '/conflicts/s_cell', prepare: makeHeld },
  { name: 'sheets-guard', path: '/conflicts/s_replaced', prepare: makeHeld },
  { name: 'sheets-inbox', path: '/conflicts', prepare: makeHeld },
]
