import type { Row } from '../../db/database.ts'
import { rows } from '../engine/world.ts'
import { devicesActs, type MixedDeed } from './mixed-acts.ts'
import { adminOf } from './mixed-admin.ts'
import { devicesAt, wrongOn } from './mixed-devices.ts'
import type { MixedShape } from './mixed-shapes.ts'
import type { MixedAct, MixedStory, OthersKind } from './mixed-story.ts'
import { type Chosen, peoplesActs } from './sheet-acts.ts'
import { hands } from './sheet-hands.ts'
import { pick, playActs, playing, rest, type Scene } from './sheet-playing.ts'
import { programs } from './sheet-programs.ts'
import { stage } from './sheet-stage.ts'
import type { ActKind } from './sheet-story.ts'
import { tidy } from './sheet-tidy.ts'
import { verdictOn } from './sheet-verdict.ts'

export interface Mixed {
  readonly log: readonly string[]
  readonly problems: string[]
}

/** What the worlds came to. */
export const came = { runs: 0, during: 0, deaths: 0, conflicts: 0, answered: 0 }

/** Plays a story of devices, people at a tab and an admin to its end, lets everything come to rest, and looks at what came of it. */
export async function playMixed(story: MixedStory, shape: MixedShape, scene: Scene): Promise<Mixed> {
  const { world } = scene
  const p = playing({ ...story, acts: [] }, shape, scene)
  const acts = [...story.acts]
  const { book, log, problems } = p
  let calls = 0
  let batches = 0
  let read: [string, Row[string]][] = []

  const set = stage(
    world,
    scene.remote,
    {
      boundary(kind, when) {
        const [next] = acts
        if (p.resting || !next?.during || scene.spared?.(next.kind as ActKind)) return
        acts.shift()
        came.during++
        log.push(`  ${when} ${kind}:`)
        void perform(next)
      },
      fault() {
        if (p.resting) return null
        const fault = story.faults[calls++ % story.faults.length]
        return fault === 0 ? 'busy' : fault === 1 ? 'down' : fault === 2 ? 'lost' : null
      },
      dies() {
        if (p.resting) return null
        const batch = batches++
        const death = story.deaths.find(({ at }) => at === batch)
        if (!death) return null
        came.deaths++
        log.push(`  the lane dies ${death.when} a batch`)
        return death.when
      },
      onPage({ id }, page) {
        if (id === shape.table) read = page.rows.flatMap(({ values }) => Object.entries(values))
      },
    },
    { name: shape.lane, link: `${shape.link}.sheet` },
  )
  const own = hands(p)
  const people = peoplesActs(p, own)
  const said = programs(p, set)
  const devices = await devicesAt(p, shape, set)
  const admin = adminOf(p, shape, set, said)

  /** Moved past their ids, rows that others change as well may be taken for one another: in the end the id counts. */
  function muddle(): void {
    if (p.shuffled && shape.name === null) for (const { mark } of p.filled()) book.kin(mark, 'muddled')
  }

  async function sync(full: boolean): Promise<Row | undefined> {
    read = []
    const run = await set.sync(full)
    await devices.settled()
    const report = JSON.parse(String(run?.report ?? '{"parts":[]}')) as {
      parts: { id: string; status: string; reason?: string }[]
    }
    const { status, reason = '' } = report.parts.find(({ id }) => id === shape.table) ?? {}
    log.push(`run ${full ? 'full ' : ''}${run?.status} (${status}) ${reason}`)
    if (read.length === 0 || status !== 'done') return run
    muddle()
    p.changed.clear()
    p.shuffled = false
    for (const [column, value] of read)
      if (value !== null && shape.free.includes(column)) book.take(column, value, 'seen by a run')
    return run
  }

  const deeds: Record<OthersKind, MixedDeed> = {
    'bot edits': (_, chosen) => said.acts['bot edits'](chosen),
    'bot edits late': (_, chosen) => said.acts['bot edits late'](chosen),
    'bot deletes': (_, chosen) => said.acts['bot deletes'](chosen),
    ...admin.acts,
    ...devicesActs(p, shape, own, people, devices),
    'device syncs': async ({ who, faults }) => {
      world.clock.advance(1_000)
      log.push(`  device ${who} syncs`)
      const done = devices.sync(who, faults)
      if (!set.inCall) log.push(`  ${await done}`)
    },
    sync: async () => {
      if (set.inCall) return set.ask(false)
      await sync(false)
    },
    'sync fully': async () => {
      if (set.inCall) return set.ask(true)
      await sync(true)
    },
    replace: () => set.replace(),
  }
  async function perform(next: MixedAct): Promise<void> {
    const { kind, a, b } = next
    const list = p.filled()
    const live = p.here()
    const chosen: Chosen = {
      ...next,
      kind: kind as ActKind,
      list,
      one: pick(list, a),
      row: pick(live, a),
      column: shape.free[b % shape.free.length] as string,
    }
    log.push(`${kind} ${JSON.stringify(chosen.one?.mark)} ${chosen.column}`)
    p.snapshots.push(...live.slice(0, 3))
    muddle()
    if (kind in deeds) await deeds[kind as OthersKind](next, chosen)
    else await people[kind as keyof typeof people](chosen)
  }

  for (let n = 0; n < story.rows; n++) {
    p.remarks++
    own.place(n, shape.row(++p.slots, p.fresh), `remark ${p.slots}`)
  }
  log.push(`${shape.table}, ${story.policy}, ${story.rows} rows`)
  try {
    await sync(false)
    for (const who of devices.all.keys()) await devices.sync(who, [])
    const settled = async () => {
      await set.settled()
      await devices.settled()
    }
    await playActs(acts, { sync: () => sync(false), perform, settled })
    await rest(p, async (n) => {
      tidy(p)
      for (const who of devices.all.keys())
        if (!(await devices.sync(who, []))) problems.push(`device ${who} comes to no end`)
      const before = [scene.sent(), version()].join()
      const run = await sync(n % 3 === 2)
      const left = p.open()
      for (const [at, conflict] of left.entries())
        await admin.answer(
          conflict,
          n > 8 || ((story.last >> at) + n) % 2 === 0 ? 'keep_local' : 'keep_remote',
        )
      const isQuiet =
        /unchanged|done/.test(String(run?.status)) && [scene.sent(), version()].join() === before
      return isQuiet && left.length === 0
    })
  } catch (error) {
    problems.push(`threw: ${error instanceof Error ? error.stack : String(error)}`)
  }
  problems.push(...wrongOn(devices, p, shape), ...verdictOn(p).wrong)
  came.runs += rows(world, 'SELECT 1 FROM runs').length
  came.conflicts += rows(world, 'SELECT 1 FROM conflicts').length
  came.answered += devices.all.reduce((sum, device) => sum + [...device.answered()].length, 0)
  return { log, problems }

  function version(): number {
    return Number(rows(world, 'SELECT version FROM lanes WHERE lane = ?', shape.lane)[0]?.version ?? 0)
  }
}
