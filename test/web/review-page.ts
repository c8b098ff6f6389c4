import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'

// What tests and pictures of the phone page do and look for.

/** How long to wait for anything, and how often to look, in milliseconds */
const PATIENCE = 20_000
const LOOK = 25

/** Waits until `what` holds, as often as it takes. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`This never came to hold: ${what}`)
    await delay(LOOK)
  }
}

export const title = (page: Page) => page.locator('#title')
export const approve = (page: Page) => page.getByRole('button', { name: 'Approve as Modest' }).click()
export const reject = (page: Page) => page.getByRole('button', { name: 'Reject as Not modest' }).click()
export const sees = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
/** A figure of the dashboard */
export const figure = (page: Page, name: string) =>
  page.locator('.figures > div').filter({ hasText: name }).locator('dd')

/** Answers the listing that is shown, and waits for the next one. */
export async function answer(page: Page, how: (page: Page) => Promise<unknown> = approve): Promise<string> {
  const before = (await title(page).textContent()) ?? ''
  await how(page)
  await until(
    async () =>
      (await title(page)
        .textContent({ timeout: 5_000 })
        .catch(() => '')) !== before,
  )
  return before
}

/** Until the page and so many pictures are kept for times without a network. */
export const installed = (page: Page, pictures: number) =>
  until(() =>
    page.evaluate<boolean>(
      `Boolean(navigator.serviceWorker.controller) && caches.open('review-pictures').then((c) => c.keys()).then((k) => k.length >= ${pictures})`,
    ),
  )

/** Until the picture of the listing that is shown is drawn. */
export const picture = (page: Page) =>
  until(() => page.evaluate<boolean>("document.querySelector('img.picture')?.naturalWidth > 0"))
