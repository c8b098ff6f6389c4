import { cells } from './acts/cells.ts'
import { torture } from './torture.ts'

torture(cells)
