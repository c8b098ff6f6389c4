import { batch } from '@preact/signals'
import { announce } from '../../src/data/announce.ts'
import { lastAnswer } from './answer.ts'
import type { Store } from './database.ts'
import { listingOf } from './listing.ts'
import { current, labelOf, now, problem, queue, seen, shown, skipped, undone } from './page-state.ts'
import type { Status } from './queue.ts'
import { dismiss, look, storeAnswer, withdraw } from './store.ts'
import { tellTabs } from './tell.ts'

/** What people do. Each change is stored before it is shown; `later` is told that there is something to send. */
export interface Actions {
  answer(status: Status): Promise<void>
  skip(): void
  undo(): Promise<void>
  open(id: string): Promise<void>
  dismiss(id: number): Promise<void>
  refresh(): Promise<void>
}

export function actionsOn(store: Store, later: () => void): Actions {
  let isBusy = false

  /** One at a time: a second tap meant the listing that it saw. */
  async function alone(work: () => Promise<void>): Promise<void> {
    if (isBusy) return
    isBusy = true
    try {
      await work()
      problem.value = null
    } catch (error) {
      problem.value = {
        title: 'Your answer was not kept',
        text: `This browser refused to store it (${error instanceof Error ? error.message : error}). Nothing was changed. Free some space, and answer again.`,
      }
      announce('Your answer was not kept.')
    } finally {
      isBusy = false
    }
  }

  /** Shows what is stored now: the listing that was shown, while there is one and it is not left for the next one. */
  async function refresh(
    leaving: string | null = null,
    turn = { to: current.peek(), with: () => {} },
  ): Promise<void> {
    const next = await look(store, turn.to ? [turn.to] : [], Date.now())
    batch(() => {
      now.value = Date.now()
      seen.value = next
      turn.with()
      if (!shown.peek() || current.peek() === leaving) current.value = queue.peek()[0]?.id ?? null
    })
  }

  /** The next one, told together with what was done. */
  async function move(said: string): Promise<void> {
    await refresh(current.peek())
    const kept = shown.peek()
    if (!kept) return announce(`${said} Nothing is left to review.`)
    const { title, retailer, price } = listingOf(kept.row)
    announce(`${said} Next: ${[title, retailer, price].filter(Boolean).join(', ')}.`)
  }

  return {
    refresh: () => refresh(),

    answer: (status) =>
      alone(async () => {
        const kept = shown.peek()
        if (!kept) return
        const { title } = listingOf(kept.row)
        if (!(await storeAnswer(store, kept.id, status, Date.now())))
          return move(`${title} was removed meanwhile.`)
        undone.value = null
        later()
        tellTabs()
        await move(`${title}: ${status.label}.`)
      }),

    skip() {
      const id = current.peek()
      if (!id || isBusy) return
      skipped.value = [...skipped.peek().filter((other) => other !== id), id]
      undone.value = null
      void move('Skipped.')
    },

    undo: () =>
      alone(async () => {
        const last = lastAnswer(seen.peek().entries, undone.peek())
        if (!last) return announce('There is nothing to undo.')
        const { key, values } = last.mutation
        const isBack = last.state === 'waiting' && (await withdraw(store, last.id))
        // It is shown once nothing is left to be done: what is pressed then is meant for it.
        await refresh(null, {
          to: key,
          with() {
            current.value = key
            undone.value = last.id
            skipped.value = skipped.peek().filter((other) => other !== key)
          },
        })
        if (isBack) tellTabs()
        const kept = shown.peek()
        const title = kept ? listingOf(kept.row).title : key
        const label = labelOf(String(values?.modesty_status ?? ''))
        announce(
          isBack
            ? `Taken back: ${title} is not ${label} any more.`
            : `${title} was sent as ${label}. That stands until you answer again.`,
        )
      }),

    async open(id) {
      current.value = id
      await refresh()
      document.getElementById('listing')?.focus()
    },

    async dismiss(id) {
      await dismiss(store, id)
      await refresh()
    },
  }
}
