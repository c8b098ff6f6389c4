import type { System } from '../engine/declare.ts'
import { smartSync } from './smart-sync.ts'

/** Every system that ships. A new one is a file beside this and a line here. */
export const systems: readonly System[] = [smartSync]
