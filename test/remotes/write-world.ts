import type { CellChange, WriteReport } from '../../sync/engine/ports.ts'
import { book, createBook, createRun, createWorld, must, part } from './sheet-world.ts'

export const header = ['Profile URL', 'Username', 'Followers', 'Likes', 'Comments', 'Videos', 'Views']
export const names = ['ann', 'bob', 'cleo', 'dan', 'eve']

/** Followers and likes that the sheet shows at first. */
export const original = { ann: [100, 10], bob: [200, 20], cleo: [300, 30], dan: [400, 40], eve: [500, 50] }

export const only = part('A')

export const dataRow = (name: string, ...counts: (string | number | null)[]) => [
  `instagram.com/${name}`,
  name,
  ...counts,
]

export const change = (name: string, column: string, seen: number | null, value: number): CellChange => ({
  match: { project_id: 'p', profile_url_key: `https://instagram.com/${name}` },
  column,
  seen,
  value,
})

/** A sheet of five accounts, and what a test does with it. */
export function openAccounts() {
  const world = createWorld()
  createBook(world, {
    A: [header, ...names.map((name, i) => dataRow(name, 100 * (i + 1), 10 * (i + 1), 1, 2, 3))],
  })

  async function write(changes: readonly CellChange[], run = createRun([only])): Promise<WriteReport> {
    if (!world.remote.write) throw new Error('the remote cannot write')
    return must(await world.remote.write(run.context, only, changes))
  }

  /** Followers and likes by name, as the sheet shows them. */
  const shown = () =>
    Object.fromEntries(
      world.person
        .values(book, 'A!A2:D100')
        .filter((cells) => cells[0] !== undefined && cells[0] !== '')
        .map(([, name, followers, likes]) => [String(name), [followers, likes]]),
    )

  /** Does something between the reading and the write. */
  async function between(act: () => void, changes: readonly CellChange[]): Promise<WriteReport> {
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const writing = write(changes)
    await hold.arrived()
    act()
    hold.release()
    return writing
  }

  return { world, write, shown, between }
}
