import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { openPage } from './browser.ts'
import { PAIRING, startReview } from './fake-review.ts'
import { answer, approve, installed, reject, sees } from './review-page.ts'
import { type ReviewState, STATES } from './review-states.ts'

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const SMALL: BrowserContextOptions = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }
const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 860 } }

/** For the README. */
const READERS: readonly (readonly [string, ReviewState, BrowserContextOptions])[] = [
  ['review', { name: '', until: (page) => sees(page, 'All sent') }, PHONE],
  [
    'review-train',
    {
      name: '',
      until: async (page) => {
        await installed(page, 13)
        await page.context().setOffline(true)
        for (const how of [approve, approve, reject, approve, reject]) await answer(page, how)
        await sees(page, 'Waiting to send: 5')
      },
    },
    { ...PHONE, colorScheme: 'dark' },
  ],
]

/** Takes the pictures of the phone page: those of the README, or each state in each size and colour. */
export async function takeReviews(
  browser: Browser,
  pages: string,
  directory: string,
  isForReaders: boolean,
): Promise<void> {
  const states = STATES.flatMap((state) =>
    [SMALL, { ...PHONE, colorScheme: 'dark' as const }, WIDE].map(
      (options, i) => [`review-${state.name.replace(/\W+/g, '-')}-${i}`, state, options] as const,
    ),
  )
  for (const [name, state, options] of isForReaders ? READERS : [...READERS, ...states]) {
    const fake = await startReview(pages, state.listings === undefined ? {} : { listings: state.listings })
    state.before?.(fake)
    const page = await openPage(browser, {
      ...options,
      deviceScaleFactor: isForReaders ? 2 : 1,
    })
    await page.goto(`${fake.url}/review${state.unpaired ? '' : `#code=${PAIRING}`}`)
    await state.until(page, fake)
    await page.evaluate('document.activeElement?.blur()')
    await page.screenshot({ path: join(directory, `${name}.png`), fullPage: !isForReaders })
    await page.context().close()
    await fake.close()
    console.log(`${name}.png`)
  }
}
