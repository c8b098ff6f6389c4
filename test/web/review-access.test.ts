import { describe, expect, test } from 'vitest'
import { findings } from './axe.ts'
import { answer, sees, title, until } from './review-page.ts'
import { STATES } from './review-states.ts'
import { reviews } from './review-visit.ts'
import { overflow, PHONE } from './visit.ts'

const visit = reviews()

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  test.each(STATES)('$name has no finding of axe', async ({ until: there, ...options }) => {
    const { page, fake } = await visit({ ...options, browser: { colorScheme } })
    await there(page, fake)
    expect(await findings(page)).toEqual([])
  })
})

describe('on a screen of 320 pixels', () => {
  test.each(STATES)(
    '$name needs no scrolling sideways, and has no finding of axe',
    async ({ until: there, ...options }) => {
      const { page, fake } = await visit({ ...options, browser: PHONE })
      await there(page, fake)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
    },
  )
})

describe('with nothing but a keyboard', () => {
  test('all can be done by Tab and Enter, and the focus stays where the next answer is given', async () => {
    const { page, fake } = await visit()
    await sees(page, 'All sent')
    const focused = () =>
      page.evaluate<string>(
        "document.activeElement.textContent.replace(/\\s+/g, ' ').trim() || document.activeElement.tagName",
      )
    const seen: string[] = []
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 20; i++) {
        await page.keyboard.press('Tab')
        seen.push(await focused())
        if (name.test(await focused())) return
      }
      throw new Error(`Tab never comes to ${name}: ${seen.join(' | ')}`)
    }
    await tabTo(/Open in the shop/)
    await tabTo(/Moderately modest/)
    for (let i = 0; i < 2; i++) await answer(page, () => page.keyboard.press('Enter'))
    expect(await focused()).toMatch(/Moderately modest/)
    await tabTo(/Not modest/)
    const rejected = await answer(page, () => page.keyboard.press('Space'))
    await tabTo(/Undo/)
    await page.keyboard.press('Enter')
    await until(async () => (await title(page).textContent()) === rejected)
    await tabTo(/Skip/)
    await answer(page, () => page.keyboard.press('Enter'))
    await until(() => fake.lane.taken.length === 2)
    await sees(page, 'All sent')
  })

  test('a screen reader is told what was done and what comes next', async () => {
    const { page } = await visit()
    await sees(page, 'All sent')
    // What was sent already can't be taken back; what could not be sent can, however often that was tried.
    await page.context().setOffline(true)
    const tried = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/push'))
    await answer(page, () => page.keyboard.press('1'))
    const said = () => page.getByRole('status').textContent()
    await until(async () =>
      /: Modest\. Next: Pleated wrap dress B, Sézane, £62\.00\.$/.test((await said()) ?? ''),
    )
    await tried
    await page.keyboard.press('z')
    await until(async () => /^Taken back: .* is not Modest any more\.$/.test((await said()) ?? ''))
  })
})
