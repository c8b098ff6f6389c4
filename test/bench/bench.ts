import { benchCollections } from './collections.ts'
import { benchCommit } from './commit.ts'
import { benchDevices } from './devices.ts'
import { benchErp } from './erp.ts'
import { benchRead } from './read.ts'
import { benchReference, benchWorkbooks } from './reference.ts'
import { benchSheets } from './sheets.ts'
import { benchSync } from './sync.ts'

// Speed and cost, printed beside a floor that is measured in the same run. Nothing here passes or fails.
await benchCommit()
await benchSync()
await benchRead()
await benchErp()
await benchDevices()
await benchCollections()
await benchSheets()
await benchWorkbooks()
await benchReference()
