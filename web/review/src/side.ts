import type { Status } from './queue.ts'

export type Side = 'left' | 'right'

/** From here a movement is a swipe and no tap, and from there it is an answer, in pixels. */
export const BEGIN = 12
const ENOUGH = 90

/** Right: the first status that approves. Left: the first that rejects. */
export const sidesOf = (statuses: readonly Status[]): Record<Side, Status | undefined> => ({
  right: statuses.find(({ approved }) => approved),
  left: statuses.find(({ approved }) => !approved),
})

/** Where a card that was moved so far would be thrown. */
export const sideOf = (moved: number): Side | null =>
  Math.abs(moved) < ENOUGH ? null : moved > 0 ? 'right' : 'left'
