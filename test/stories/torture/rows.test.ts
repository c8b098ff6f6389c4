import { rows } from './acts/rows.ts'
import { torture } from './torture.ts'

torture(rows)
