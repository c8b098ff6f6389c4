import type { DeviceSettings } from '../../sync/protocol/device.ts'
import type { Context } from '../command.ts'
import { Refusal } from '../failure.ts'
import { type Sqlite, transaction } from './file.ts'
import { isAttached } from './link.ts'
import { patienceOf, withFile } from './open.ts'
import type { Remote } from './remote.ts'
import { SETTINGS, settingsOf, storeSettings } from './settings.ts'

/** What an operator wants of a file, as it remembers; of one that can't be read now, what is usual. */
export async function settingsIn(context: Context, file: string): Promise<DeviceSettings> {
  return (await quietly(() => inFile(context, file, settingsOf))) ?? SETTINGS
}

/** Asks the server, and stores what it says in each file. False: it could not be asked, or a file could not take it. */
export async function refreshSettings(
  context: Context,
  remote: Remote,
  files: readonly string[],
): Promise<boolean> {
  const done = await quietly(async () => {
    const { settings } = await remote.offer()
    for (const file of files)
      await inFile(context, file, (db) => {
        if (isAttached(db)) storeSettings(db, settings)
      })
    return true
  })
  return done === true
}

const inFile = <T>(context: Context, file: string, work: (db: Sqlite) => T) =>
  withFile(file, (db) => transaction(db, patienceOf(context), () => work(db)))

/** A failure here is met again, and told, by the sync. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return undefined
  }
}
