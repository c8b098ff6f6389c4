import type { Row, SqlValue } from '../../db/database.ts'
import { type Durable, rows } from '../engine/world.ts'
import { type Ledger, ledger } from './sheet-ledger.ts'
import type { Paper, PaperRow } from './sheet-paper.ts'
import type { Shape } from './sheet-shapes.ts'
import type { Make } from './sheet-stage.ts'
import type { Act, ActKind, Story } from './sheet-story.ts'

/** What a story is played in. */
export interface Scene {
  readonly world: Durable
  readonly remote: Make
  readonly paper: Paper
  /** Edits that the remote was sent so far */
  readonly sent: () => number
  /** The remote is about to write, and has read what it takes to stand there */
  readonly inWindow?: () => boolean
  /** People type over the very cells that are being written, as often as the story says */
  readonly under?: true
  /** What nobody does just now */
  readonly spared?: (act: ActKind) => boolean
}

interface Undo {
  readonly mark: SqlValue
  /** Rows that were taken out, or a cell and what stood there */
  readonly row?: PaperRow
  readonly column?: string
  readonly before?: SqlValue
  readonly after?: SqlValue
}

/** A row of the tab that is not empty: where it stands, and which one it is. */
export type Filled = PaperRow & { readonly n: number; readonly mark: SqlValue }

/** A story while it is played. */
export interface Playing {
  readonly story: Story
  readonly shape: Shape
  readonly scene: Scene
  readonly book: Ledger
  readonly log: string[]
  readonly problems: string[]
  /** What is still to be done */
  readonly acts: Act[]
  readonly undos: readonly [Undo[], Undo[]]
  /** Marks of rows that lost their name, and what it was */
  readonly names: Map<SqlValue, SqlValue>
  /** What a person typed while the remote was about to write there */
  readonly risked: { mark: SqlValue; column: string; value: SqlValue }[]
  /** Marks of rows that people changed since the tab was merged */
  readonly changed: Set<SqlValue>
  /** Rows were moved past their ids since the tab was merged */
  shuffled: boolean
  /** Rows as they stood once, for programs that are late */
  readonly snapshots: Row[]
  slots: number
  /** Rows with something in people's own column */
  remarks: number
  /** Acts at a call of the remote */
  during: number
  /** The story is over, and all comes to rest */
  resting: boolean
  /** A value that nobody said before */
  fresh(): number
  /** Live rows */
  here(): Row[]
  /** Open conflicts */
  open(): Row[]
  filled(): Filled[]
}

export function playing(story: Story, shape: Shape, scene: Scene): Playing {
  const { world, paper } = scene
  let said = 100_000
  return {
    story,
    shape,
    scene,
    book: ledger(),
    log: [],
    problems: [],
    acts: [...story.acts],
    undos: [[], []],
    names: new Map(),
    risked: [],
    changed: new Set(),
    shuffled: false,
    snapshots: [],
    slots: 0,
    remarks: 0,
    during: 0,
    resting: false,
    fresh: () => ++said,
    here: () => rows(world, `SELECT * FROM ${shape.table} WHERE deleted_at IS NULL ORDER BY id`),
    open: () => rows(world, 'SELECT * FROM conflicts WHERE resolved_at IS NULL ORDER BY opened_at, id'),
    filled: () =>
      paper
        .rows()
        .map((row, n) => ({ ...row, n, mark: row.values[shape.mark] ?? null }))
        .filter(({ values }) => shape.columns.some((column) => values[column] !== null)),
  }
}

export const pick = <T>(list: readonly T[], at: number): T | undefined =>
  list.length === 0 ? undefined : list[at % list.length]

/** Does acts in their order. One that falls into a run is done at a call of it, or after it where nothing was called. */
export async function playActs<A extends Pick<Act, 'during'> & { readonly kind: string }>(
  acts: A[],
  {
    sync,
    perform,
    settled,
  }: {
    readonly sync: () => Promise<unknown>
    readonly perform: (act: A) => Promise<void>
    readonly settled: () => Promise<void>
  },
): Promise<void> {
  for (let next = acts.shift(); next; next = acts.shift()) {
    if (next.during && next.kind !== 'replace') {
      acts.unshift(next)
      await sync()
      // Nothing was called.
      if (acts[0] === next) {
        acts.shift()
        await perform(next)
      }
    } else await perform(next)
    await settled()
  }
}

/** Goes on until three rounds after each other were quiet; that they never are is a problem. */
export async function rest(p: Playing, round: (n: number) => Promise<boolean>): Promise<void> {
  p.resting = true
  p.log.push('rest')
  for (let n = 0, quiet = 0; quiet < 3; n++) {
    if (n > 25) {
      const open = p.open().map(({ kind, key, detail }) => `${kind} ${key} ${detail}`)
      p.problems.push(`no rest: ${open.join('; ')}`)
      return
    }
    quiet = (await round(n)) ? quiet + 1 : 0
  }
}
