import { tabs } from './acts/tabs.ts'
import { torture } from './torture.ts'

torture(tabs)
