import { columns } from './acts/columns.ts'
import { torture } from './torture.ts'

torture(columns)
