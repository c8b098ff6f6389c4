import { together } from './acts/together.ts'
import { torture } from './torture.ts'

torture(together)
