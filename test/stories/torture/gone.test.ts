import { gone } from './acts/gone.ts'
import { torture } from './torture.ts'

torture(gone)
