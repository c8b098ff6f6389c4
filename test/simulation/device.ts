import type { DeviceMutation, MutationResult } from '../../sync/protocol/device.ts'
import type { DeviceServer } from './device-world.ts'
import * as laptops from './laptop-replica.ts'
import type { Fault } from './replica.ts'
import * as phones from './replica.ts'

type Row = Record<string, string | number | null>

/** A device of a generated world, of either kind. */
export interface Device {
  /** How far its clock is ahead, in milliseconds */
  readonly offset: number
  /** What a person or program of the device sees, by the server's names */
  seen(): Map<string, Row>
  edit(mutation: DeviceMutation): void
  /** Requests meet these faults in turn; `dies`: killed in that transaction. False: it did not come to its end */
  sync(faults: Fault[], dies: number | null): Promise<boolean>
  /** Edits that were made and did not go yet */
  waiting(): number
  /** Edits that the server answered */
  answered(): Iterable<{ readonly mutation: DeviceMutation; readonly result?: MutationResult }>
  backUp(): void
  /** False: there is no backup */
  putBack(): boolean
}

/** The phone page's decisions over a copy in memory. */
export async function phone(user: string, server: DeviceServer, offset: number): Promise<Device> {
  let drawn = 0
  const draw = () => `${user}-${++lives}-${++drawn}`
  const replica = phones.newReplica(user, draw(), offset)
  return {
    offset,
    seen: () => phones.seen(replica),
    edit: (mutation) => phones.edit(replica, mutation),
    sync: (faults) => phones.syncReplica(replica, server, faults, draw),
    waiting: () => replica.entries.filter(({ state }) => state === 'waiting' || state === 'sending').length,
    answered: () => replica.entries.filter(({ state }) => state === 'settled' || state === 'rejected'),
    // A browser's storage is not backed up.
    backUp: () => {},
    putBack: () => false,
  }
}

/** The laptop's command over a real SQLite file that a program writes. */
export async function laptop(
  user: string,
  server: DeviceServer,
  offset: number,
  program?: laptops.Program,
): Promise<Device> {
  const own = await laptops.newLaptop(user, server, offset, program)
  let backup: ReturnType<typeof laptops.backUp> | undefined
  return {
    offset,
    seen: () => laptops.seen(own),
    edit: (mutation) => laptops.edit(own, mutation, program),
    sync: (faults, dies) => laptops.syncLaptop(own, server, faults, dies),
    waiting: () => laptops.waiting(own, program?.shared),
    answered: () => own.answered.values(),
    backUp() {
      backup = laptops.backUp(own)
    },
    putBack() {
      if (backup) laptops.putBack(own, backup)
      return backup !== undefined
    },
  }
}

let lives = 0
