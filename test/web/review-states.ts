import type { Page } from 'playwright-core'
import type { ReviewServer } from './fake-review.ts'
import { answer, approve, installed, reject, sees, title } from './review-page.ts'
import type { ReviewOptions } from './review-visit.ts'

/** The phone page in everything that can be the case with it: for axe, for narrow screens and for pictures. */
export interface ReviewState extends ReviewOptions {
  readonly name: string
  /** Brings the page there, and waits until it is complete */
  readonly until: (page: Page, fake: ReviewServer) => Promise<unknown>
}

const LONG = `${'Pleated wrap dress with a very long name '.repeat(6)}${'x'.repeat(120)}`

export const STATES: readonly ReviewState[] = [
  { name: 'pairing', unpaired: true, until: (page) => sees(page, 'Pair this phone') },
  { name: 'a listing', until: (page) => sees(page, 'All sent') },
  {
    name: 'a day’s work',
    listings: 60,
    until: async (page) => {
      await title(page).waitFor()
      for (let i = 0; i < 24; i++) await answer(page, i % 3 === 2 ? reject : approve)
      await sees(page, 'Show all 24')
      await sees(page, 'All sent')
    },
  },
  { name: 'nothing to review', listings: 0, until: (page) => sees(page, 'Nothing to review') },
  {
    name: 'a listing with long words and no picture',
    listings: 1,
    before: ({ lane }) =>
      lane.edit('https://shop.example/p/000', { title: LONG, retailer: 'x'.repeat(80), image_url: null }),
    until: (page) => sees(page, 'No picture'),
  },
  {
    name: 'a picture that can’t be had',
    listings: 1,
    before: ({ lane, port }) =>
      lane.edit('https://shop.example/p/000', { image_url: `http://localhost:${port}/none.svg` }),
    until: (page) => sees(page, 'The picture can’t be shown'),
  },
  {
    name: 'no network, answers waiting',
    until: async (page) => {
      await sees(page, 'All sent')
      await installed(page, 13)
      await page.context().setOffline(true)
      for (const how of [approve, reject]) await answer(page, how)
      await sees(page, 'Waiting to send: 2')
    },
  },
  {
    name: 'an answer taken back',
    until: async (page, fake) => {
      await answer(page)
      await sees(page, 'All sent')
      while (fake.lane.taken.length === 0) await page.evaluate('new Promise(requestAnimationFrame)')
      await page.getByRole('button', { name: 'Undo' }).click()
      await sees(page, 'That stands until you answer again.')
    },
  },
  {
    name: 'a server that does not answer',
    until: async (page, fake) => {
      await sees(page, 'All sent')
      fake.behaviour.isDown = true
      await answer(page)
      await sees(page, 'Tidemark does not answer')
    },
  },
  {
    name: 'a server that never answered',
    before: (fake) => {
      fake.behaviour.isDown = true
    },
    until: (page) => sees(page, 'Tidemark does not answer'),
  },
  {
    name: 'a server that does not understand',
    until: async (page, fake) => {
      await sees(page, 'All sent')
      fake.behaviour.refuses = true
      await answer(page)
      await sees(page, 'Tidemark did not understand this phone')
    },
  },
  {
    name: 'signed out',
    until: async (page, fake) => {
      await sees(page, 'All sent')
      fake.behaviour.isOver = true
      await answer(page)
      await sees(page, 'Your session has ended')
    },
  },
  {
    name: 'answers that did not simply stand',
    before: ({ lane }) => {
      lane.judge = ({ key }) =>
        key.endsWith('0')
          ? { status: 'rejected', reason: 'modesty_status: "modest" is none of long, short' }
          : key.endsWith('1')
            ? { status: 'conflict', conflict: 'c_1', reason: 'it was assessed as not_modest meanwhile' }
            : null
    },
    until: async (page) => {
      await sees(page, 'All sent')
      for (const how of [approve, reject]) await answer(page, how)
      await sees(page, /^Not taken/)
      await sees(page, 'and 1 more')
    },
  },
]
