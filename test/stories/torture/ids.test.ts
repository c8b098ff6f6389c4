import { ids } from './acts/ids.ts'
import { torture } from './torture.ts'

torture(ids)
