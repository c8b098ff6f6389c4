import type { Row } from '../../db/database.ts'
import type { Devices } from './mixed-devices.ts'
import type { MixedShape } from './mixed-shapes.ts'
import type { MixedAct, OthersKind } from './mixed-story.ts'
import type { Chosen, peoplesActs } from './sheet-acts.ts'
import type { Hands } from './sheet-hands.ts'
import { type Playing, pick } from './sheet-playing.ts'

export type MixedDeed = (act: MixedAct, chosen: Chosen) => unknown

/** What is done on devices, and by a device and a person at the tab at once. */
export function devicesActs(
  p: Playing,
  shape: MixedShape,
  own: Hands,
  people: Pick<ReturnType<typeof peoplesActs>, 'remove'>,
  devices: Devices,
) {
  const { book, log, scene } = p
  const { world } = scene

  const editedBy = (act: MixedAct): [key: string, row: Record<string, string | number | null>] | undefined =>
    pick([...(devices.all[act.who]?.seen() ?? [])], act.a)

  const onDevice = (who: number, mark: Row[string]) =>
    [...(devices.all[who]?.seen() ?? [])].find(([, row]) => row[shape.mark] === mark)

  return {
    'odd cell': ({ who, a, b }, { list, one }) => {
      if (!one || one.mark === null) return
      const [column, value] = shape.odd(one.values, pick(list, a + 1 + b)?.values ?? {}, b, '').cell
      log.push(`  ${column} = ${value}`)
      book.wanted(one.mark)
      return own.typed(who, one.n, column, value, one.mark)
    },
    'device edits': (act) => {
      const [key, row] = editedBy(act) ?? []
      if (key === undefined || !row) return
      const column = pick(shape.edited, act.b) as string
      const value = shape.value(column, row, p.fresh()) as string
      log.push(`  device ${act.who}: ${column} of ${key} = ${value}`)
      devices.edit(act.who, { op: 'update', key, values: { [column]: value } })
    },
    'odd edit': (act) => {
      const [key, row] = editedBy(act) ?? []
      const [, other] = editedBy({ ...act, a: act.a + 1 + act.b }) ?? []
      if (key === undefined || !row || !other) return
      const { device } = shape.odd(row, other, act.b, new Date(world.clock.now()).toISOString())
      log.push(`  device ${act.who}: ${JSON.stringify(device.values)} of ${key}`)
      devices.edit(act.who, { op: 'update', key, ...device })
    },
    'device deletes': (act) => {
      const [key] = editedBy(act) ?? []
      if (key === undefined) return
      log.push(`  device ${act.who} deletes ${key}`)
      devices.edit(act.who, { op: 'delete', key })
    },
    'device inserts': () => {
      const slot = ++p.slots
      const made = shape.made(slot, shape.row(slot, p.fresh))
      log.push(`  device 0: ${JSON.stringify(made)}`)
      devices.edit(0, { op: 'insert', ...made })
    },
    'both insert': () => {
      const slot = ++p.slots
      const there = shape.row(slot, p.fresh)
      own.place(scene.paper.rows().length, there, `remark ${slot}`)
      p.remarks++
      // Where no name is shared, a unique value is.
      const same = shape.keyed ? slot : ++p.slots
      const here = {
        ...shape.row(same, p.fresh),
        ...(!shape.keyed && { employee_id: there.employee_id ?? null }),
      }
      const made = shape.made(same, here)
      book.wanted(made.values[shape.mark] ?? null)
      log.push(`  tab: ${JSON.stringify(there)}, device 0: ${JSON.stringify(made)}`)
      devices.edit(0, { op: 'insert', ...made })
    },
    // Of one row at once: the same column, or another one.
    'both edit': async (act, { one }) => {
      const found = one && onDevice(act.who, one.mark)
      if (!found) return
      const [key, row] = found
      const column = pick(shape.edited, act.b) as string
      const other = pick(shape.free, act.b + (act.a % 2)) as string
      const [here, there] = [p.fresh(), p.fresh()]
      const values = { [column]: shape.value(column, row, here) as string }
      log.push(`  device ${act.who}: ${column} of ${key} = ${values[column]}; tab: ${other} ${there}`)
      devices.edit(act.who, { op: 'update', key, values })
      await own.typed(act.who, one.n, other, shape.value(other, one.values, there), one.mark)
    },
    'one deletes': async (act, { one, list }) => {
      const found = one && onDevice(act.who, one.mark)
      if (!found) return
      const [key, row] = found
      const column = pick(shape.edited, act.b) as string
      if (act.a % 2 === 0) {
        log.push(`  device ${act.who} deletes ${key}, the tab edits it`)
        devices.edit(act.who, { op: 'delete', key })
        await own.typed(act.who, one.n, column, shape.value(column, one.values, p.fresh()), one.mark)
      } else {
        const values = { [column]: shape.value(column, row, p.fresh()) as string }
        log.push(`  device ${act.who}: ${column} of ${key} = ${values[column]}, the tab deletes it`)
        devices.edit(act.who, { op: 'update', key, values })
        await people.remove({ ...act, kind: 'remove', list, one, row: undefined, column })
      }
    },
  } satisfies Partial<Record<OthersKind, MixedDeed>>
}
