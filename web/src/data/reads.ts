import { type Signal, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import type { Get } from './api.ts'

/** What is known of one read: the last value stays while it is read again, and when that fails. */
export interface Held<T> {
  readonly value?: T
  readonly problem?: Problem
  /** When the value was read, in milliseconds */
  readonly at?: number
  readonly next?: string | null
}

interface Entry<T> {
  readonly get: Get<T>
  readonly state: Signal<Held<T>>
  watchers: number
  loading: Promise<void> | null
  stale: boolean
}

/** A value younger than this is shown without asking again. */
const FRESH = 10_000

const entries = new Map<string, Entry<unknown>>()

/** Why the values on the page could not be read again; null while they are up to date. */
export const outdated = signal<{ problem: Problem; since: number } | null>(null)

/** Reads while the component is there. Reads of the same path share one answer. */
export function useRead<T>(get: Get<T>): Held<T> {
  const entry = entryOf(get)
  useEffect(() => {
    entry.watchers++
    const { at, problem } = entry.state.peek()
    if (entry.stale || problem || at === undefined || Date.now() - at > FRESH) load(entry)
    return () => {
      entry.watchers--
    }
  }, [entry])
  return entry.state.value
}

/** Reads again what is on the page, and marks the rest to be read when it is shown. */
export async function refresh(which: (path: string) => boolean = () => true): Promise<void> {
  const wanted = [...entries.values()].filter((entry) => which(entry.get.path))
  for (const entry of wanted) entry.stale = true
  await Promise.all(wanted.filter((entry) => entry.watchers > 0).map(load))
}

/** Whether anything on the page could not be read. */
export const hasTrouble = () =>
  [...entries.values()].some((entry) => entry.watchers > 0 && entry.state.peek().problem !== undefined)

/** Forgets everything: another person may sign in. */
export function forget(): void {
  entries.clear()
  outdated.value = null
}

function entryOf<T>(get: Get<T>): Entry<T> {
  const known = entries.get(get.path) as Entry<T> | undefined
  if (known) return known
  const entry: Entry<T> = { get, state: signal({}), watchers: 0, loading: null, stale: false }
  entries.set(get.path, entry as Entry<unknown>)
  return entry
}

function load<T>(entry: Entry<T>): Promise<void> {
  entry.loading ??= read(entry).finally(() => {
    entry.loading = null
    // What was on its way when it became stale may be older than the news.
    if (entry.stale && entry.watchers > 0) load(entry)
  })
  return entry.loading
}

async function read<T>(entry: Entry<T>): Promise<void> {
  entry.stale = false
  const answer = await entry.get.load()
  if (answer.ok) {
    entry.state.value = { value: answer.value, at: Date.now(), next: answer.next }
    outdated.value = null
    return
  }
  const held = entry.state.peek()
  entry.state.value = { ...held, problem: answer.problem }
  if (held.at !== undefined)
    outdated.value = { problem: answer.problem, since: outdated.peek()?.since ?? held.at }
}
