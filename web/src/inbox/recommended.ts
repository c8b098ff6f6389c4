import { isGuardKind } from '../../../sync/protocol/sheet-conflicts.ts'
import type { Settlement, SyncConflict } from './shapes.ts'
import { type StrategyName, strategyText } from './words.ts'

/** A strategy as far as it can go without a person typing something. */
export interface Offer {
  readonly text: string
  readonly how: Settlement
}

/** What most people would do: give way by a new name, else the rules of auto-resolve where they know, else what stands. */
export function recommended(conflict: SyncConflict): Offer | null {
  // What holds a whole tab is looked at first.
  if (conflict.link && isGuardKind(conflict.kind)) return null
  for (const strategy of orderOf(conflict)) {
    const offer = offerOf(conflict, strategy)
    if (offer) return offer
  }
  return null
}

/** A strategy with the value that is proposed for it; null: it can't settle this, or needs a person's own value. */
export function offerOf(conflict: SyncConflict, strategy: StrategyName): Offer | null {
  const can = conflict.strategies.find((one) => one.strategy === strategy)
  if (!can || (can.needsValue && can.suggestion === null)) return null
  const text = strategyText(strategy, conflict)
  return can.needsValue
    ? { text: `Rename to ${can.suggestion}`, how: { strategy, newValue: can.suggestion } }
    : { text, how: { strategy } }
}

function orderOf({ kind, localAt, remoteAt, strategies }: SyncConflict): StrategyName[] {
  if (kind === 'unique')
    return strategies.some(({ strategy, needsValue }) => strategy === 'keep_local' && !needsValue)
      ? ['keep_local', 'rename_local', 'keep_remote']
      : ['rename_local', 'keep_remote']
  if (kind === 'deleted') return ['keep_local', 'keep_remote']
  const isLocalNewer =
    kind === 'merge' && localAt !== undefined && remoteAt !== undefined && localAt > remoteAt
  return isLocalNewer ? ['keep_local', 'keep_remote'] : ['keep_remote', 'keep_local']
}
