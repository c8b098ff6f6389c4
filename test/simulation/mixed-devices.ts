import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { rows } from '../engine/world.ts'
import { type Device, laptop, phone } from './device.ts'
import { type DeviceServer, doors } from './device-world.ts'
import type { MixedShape } from './mixed-shapes.ts'
import type { Fault } from './replica.ts'
import type { Playing } from './sheet-playing.ts'
import type { Stage } from './sheet-stage.ts'

/** Who they are: nobody else in a world is called so. */
const USERS = ['cid', 'dan'] as const

/** The devices of a world, each syncing once at a time. */
export interface Devices {
  readonly all: readonly Device[]
  sync(who: number, faults: readonly Fault[]): Promise<boolean>
  /** All that is on its way has come */
  settled(): Promise<unknown>
  /** An edit that somebody makes on a device, in the ledger */
  edit(who: number, mutation: Omit<DeviceMutation, 'table'>): void
}

/** Devices in front of the lane of a stage. */
export async function devicesAt(p: Playing, shape: MixedShape, stage: Stage): Promise<Devices> {
  const { world } = p.scene
  const server: DeviceServer = {
    world,
    change: () => {
      throw new Error('a device makes no proposals')
    },
    ask: (user, method, path, body) =>
      stage.once((lane) => doors(world, () => lane)(user, method, path, body)),
  }
  const all = [
    await laptop(USERS[0], server, 0, shape.program),
    await (shape.hasPhone ? phone : laptop)(USERS[1], server, 0, shape.program),
  ]
  const underWay: Promise<unknown>[] = all.map(() => Promise.resolve())
  return {
    all,
    settled: () => Promise.all(underWay),
    sync(who, faults) {
      const done = (underWay[who] as Promise<unknown>).then(() =>
        (all[who] as Device).sync([...faults], null),
      )
      underWay[who] = done
      return done
    },
    edit(who, { op, key, values = {}, at }) {
      const device = all[who] as Device
      const seen = device.seen().get(key)
      const mark = (seen ?? values)[shape.mark] ?? null
      device.edit({
        table: shape.table,
        op,
        key,
        ...(op !== 'delete' && { values }),
        ...(at !== undefined && { at }),
      })
      if (op === 'delete') return p.book.removed('bot', mark)
      for (const [column, value] of Object.entries(values)) p.book.say('bot', mark, column, value)
      if (op === 'update') p.book.wanted(mark)
    },
  }
}

/** What is wrong with the devices of a world that has come to rest. */
export function wrongOn({ all }: Devices, p: Playing, shape: MixedShape): string[] {
  const { world } = p.scene
  const shown = (row: object) => JSON.stringify(shape.kept.map((column) => (row as never)[column] ?? null))
  const here = new Map(p.here().map((row) => [String(row.id), shown(row)]))
  const wrong = all.flatMap((device, who) => {
    const seen = device.seen()
    const keys = new Set([...here.keys(), ...seen.keys()])
    return [...keys].flatMap((key) => {
      const [there, on] = [here.get(key), seen.has(key) ? shown(seen.get(key) as object) : undefined]
      return there === on ? [] : [`device ${who}: ${key} is ${on}, and here ${there}`]
    })
  })
  for (const [who, device] of all.entries())
    if (device.waiting() > 0) wrong.push(`device ${who}: ${device.waiting()} edits wait`)
  const history = rows(world, `SELECT actor, after FROM history WHERE op IN ('insert', 'update')`).map(
    ({ actor, after }) => ({ actor, after: JSON.parse(String(after)) as Record<string, unknown> }),
  )
  for (const device of all)
    for (const { mutation, result } of device.answered()) {
      if (result?.status === 'rejected') {
        if (!/has no row/.test(result.reason ?? '')) wrong.push(`rejected: ${result.reason}`)
        continue
      }
      for (const column of shape.free) {
        const value = mutation.values?.[column]
        if (value == null) continue
        p.book.take(column, value, `acknowledged as ${result?.status ?? 'applied'}`)
        const effects = history.filter(
          ({ actor, after }) => (USERS as readonly unknown[]).includes(actor) && after[column] === value,
        )
        if (effects.length > 1 && column !== 'employee_id')
          wrong.push(`${column} ${value} took effect ${effects.length} times`)
      }
    }
  return wrong
}
