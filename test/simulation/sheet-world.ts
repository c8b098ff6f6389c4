import type { Row, SqlValue } from '../../db/database.ts'
import type { Page, Part } from '../../sync/engine/ports.ts'
import { rows } from '../engine/world.ts'
import { type Deed, peoplesActs } from './sheet-acts.ts'
import { hands } from './sheet-hands.ts'
import { pick, playActs, playing, rest, type Scene } from './sheet-playing.ts'
import { programs } from './sheet-programs.ts'
import type { Shape } from './sheet-shapes.ts'
import { type Stage, stage } from './sheet-stage.ts'
import type { Act, ActKind, Story } from './sheet-story.ts'
import { tidy } from './sheet-tidy.ts'
import { type Verdict, verdictOn } from './sheet-verdict.ts'

export interface Played extends Pick<Verdict, 'overwritten'> {
  readonly log: readonly string[]
  readonly problems: string[]
  readonly runs: number
  readonly during: number
}

/** Plays a story to its end, lets everything come to rest, and looks at what came of it. */
export async function play(story: Story, shape: Shape, scene: Scene): Promise<Played> {
  const { world, remote } = scene
  const p = playing(story, shape, scene)
  const { book, log, problems } = p
  let calls = 0
  let page: { part: string; values: [string, SqlValue][] } | null = null

  const set: Stage = stage(world, remote, {
    boundary(kind, when) {
      if (scene.under && !p.resting && kind === 'write' && when === 'before') own.typeUnder()
      const [next] = p.acts
      if (p.resting || !next?.during || scene.spared?.(next.kind)) return
      p.acts.shift()
      p.during++
      log.push(`  ${when} ${kind}:`)
      void perform(next)
    },
    fault: () => {
      if (p.resting) return null
      const fault = story.faults[calls++ % story.faults.length]
      return fault === 0 ? 'busy' : fault === 1 ? 'down' : fault === 2 ? 'lost' : null
    },
    onPage({ id }: Part, { rows: shown }: Page) {
      if (id !== shape.table) return
      page = { part: id, values: shown.flatMap(({ values }) => Object.entries(values)) }
    },
  })

  async function sync(full: boolean): Promise<Row> {
    page = null
    const before = p.during
    const run = await set.sync(full)
    const report = JSON.parse(String(run.report)) as {
      parts: { id: string; status: string; reason?: string }[]
    }
    const { status, reason = '' } = report.parts.find(({ id }) => id === shape.table) ?? {}
    log.push(`run ${full ? 'full ' : ''}${run.status} (${status}) ${reason}`)
    const [memory] = rows(world, `SELECT rows FROM link_pages WHERE page = ?`, shape.table)
    const waits = JSON.parse(String(memory?.rows ?? '[]')).some((entry: number[]) => Number(entry[5]) > 0)
    if (page && status === 'done' && !(waits && shape.wrong) && before === p.during) {
      p.changed.clear()
      p.shuffled = false
    }
    if (page && status === 'done' && !(waits && shape.wrong))
      for (const [column, value] of (page as { values: [string, SqlValue][] }).values)
        if (value !== null && shape.free.includes(column)) book.take(column, value, 'seen by a run')
    return run
  }

  const own = hands(p)
  const said = programs(p, set)
  const run: Deed = async ({ kind }) => {
    if (set.inCall) return set.ask(kind === 'sync fully')
    await sync(kind === 'sync fully')
  }
  const deeds: Record<ActKind, Deed> = {
    ...peoplesActs(p, own),
    ...said.acts,
    replace: () => set.replace(),
    sync: run,
    'sync fully': run,
  }

  async function perform(next: Act): Promise<void> {
    const { kind, a, b } = next
    const list = p.filled()
    const live = p.here()
    const one = pick(list, a)
    const row = pick(live, a)
    const column = shape.free[b % shape.free.length] as string
    log.push(`${kind} ${JSON.stringify(kind.startsWith('bot') ? row?.id : one?.mark)} ${column}`)
    p.snapshots.push(...live.slice(0, 3))
    await deeds[kind]({ ...next, list, one, row, column })
  }

  for (let n = 0; n < story.rows; n++) {
    p.remarks++
    own.place(n, shape.row(++p.slots, p.fresh), `remark ${p.slots}`)
  }
  log.push(`${shape.table}, ${story.policy}, ${story.rows} rows`)
  try {
    await sync(false)
    await playActs(p.acts, { sync: () => sync(false), perform, settled: set.settled })
    await rest(p, async (n) => {
      tidy(p)
      const before = scene.sent()
      const run = await sync(n % 3 === 2)
      const left = p.open()
      for (const [at, conflict] of left.entries())
        if (!['unreadable', 'duplicate'].includes(String(conflict.kind)))
          await said.resolve(
            conflict,
            n > 8 || ((story.last >> at) + n) % 2 === 0 ? 'keep_local' : 'keep_remote',
          )
      return run.status === 'unchanged' && scene.sent() === before && left.length === 0
    })
  } catch (error) {
    problems.push(`threw: ${error instanceof Error ? error.stack : String(error)}`)
  }
  const { wrong, overwritten } = verdictOn(p)
  problems.push(...wrong)
  return { log, problems, runs: rows(world, 'SELECT 1 FROM runs').length, during: p.during, overwritten }
}
