import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { type KeptBrowser, launchKept } from './browser.ts'
import { answer, approve, installed, picture, reject, sees, title, until } from './review-page.ts'
import { reviewWorld } from './review-world.ts'

// SIGKILL of the browser, with what it keeps on disk. What was shown as answered is sent, once.

const world = reviewWorld()
const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

interface Phone {
  open(): Promise<Page>
  /** Opened, paired, and opened again: browsers write a cookie to the disk within half a minute, or when they quit. */
  paired(): Promise<Page>
  kill(): Promise<void>
}

/** A browser that can be killed and opened again on the same folder. */
async function phone(): Promise<Phone> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-phone-'))
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  let kept: KeptBrowser | undefined
  undo.push(async () => kept?.kill())
  const open = async () => {
    kept = await launchKept(folder)
    const [context] = kept.browser.contexts()
    if (!context) throw new Error('The browser has no profile')
    return context.pages()[0] ?? context.newPage()
  }
  return {
    open,
    async paired() {
      const first = await open()
      await first.goto(await world().pairingLink())
      await title(first).waitFor()
      await kept?.quit()
      const page = await open()
      await page.goto(`${world().wire.url}/review`)
      await title(page).waitFor()
      await sees(page, 'All sent')
      return page
    },
    kill: async () => kept?.kill(),
  }
}

test('killed between answer and sending, in a tunnel: the page opens without a network, with everything', async () => {
  const urls = await world().find(5)
  const { open, paired, kill } = await phone()
  const before = await paired()
  await installed(before, 5)
  await world().cut()
  for (const how of [approve, reject, approve]) await answer(before, how)
  await sees(before, 'Waiting to send: 3')
  await kill()

  const after = await open()
  await after.goto(`${world().wire.url}/review`)
  await sees(after, 'Waiting to send: 3')
  expect(await title(after).textContent()).toBe(`Dress ${urls[3]?.split('/').at(-1)}`)
  await picture(after)
  expect(await world().commits(urls)).toEqual([])
  await world().mend()
  await sees(after, 'All sent')
  expect((await world().commits(urls)).map(({ status }) => status)).toEqual([
    'modest',
    'not_modest',
    'modest',
  ])
})

test('killed at once after pairing and an answer: the session may be lost, the answer is not', async () => {
  const urls = await world().find(3)
  const { open, kill } = await phone()
  const before = await open()
  await before.goto(await world().pairingLink())
  await answer(before, approve)
  await kill()
  const after = await open()
  await after.goto(`${world().wire.url}/review`)
  await sees(after, /Your session has ended|All sent/)
  await after.goto(await world().pairingLink())
  await sees(after, 'All sent')
  await until(async () => (await world().commits(urls)).length === 1)
  expect((await world().commits(urls))[0]).toMatchObject({ key: urls[0], status: 'modest' })
})

test('killed after the server took the answers and before the phone heard of it', async () => {
  const urls = await world().find(3)
  const { open, paired, kill } = await phone()
  const before = await paired()
  world().wire.deafen()
  await answer(before, approve)
  await answer(before, reject)
  await until(async () => (await world().commits(urls)).length === 2)
  await kill()
  world().wire.mend()
  const after = await open()
  await after.goto(`${world().wire.url}/review`)
  await sees(after, 'All sent')
  expect((await world().commits(urls)).map(({ status }) => status)).toEqual(['modest', 'not_modest'])
})
