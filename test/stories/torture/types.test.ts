import { types } from './acts/types.ts'
import { torture } from './torture.ts'

torture(types)
