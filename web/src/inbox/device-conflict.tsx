import { useState } from 'preact/hooks'
import { isGuardKind, SHEET_ANSWER } from '../../../sync/protocol/sheet-conflicts.ts'
import { isAdmin } from '../data/session.ts'
import { capital } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { When } from '../parts/time.tsx'
import { useFocusAfter } from './focus.ts'
import { recommended } from './recommended.ts'
import { ConflictBadge } from './remote-words.tsx'
import { ResolveDialog } from './resolve-dialog.tsx'
import type { SyncConflict } from './shapes.ts'
import { Timeline } from './timeline.tsx'
import { UndoDialog } from './undo-dialog.tsx'
import { STRATEGY_KEYS, useLetters } from './use-keys.ts'
import { Versus } from './versus.tsx'
import { plain, rowName, type StrategyName, settledText, strategyText, wayOf } from './words.ts'

/** A conflict of a device: both sides, the ways to settle it, and the row's history. */
export function DeviceConflict({ conflict }: { conflict: SyncConflict }) {
  const [strategy, setStrategy] = useState<StrategyName | null>(null)
  const focusAfter = useFocusAfter(strategy !== null)
  const name = rowName(conflict)
  const key = conflict.remoteId ?? conflict.localId
  const isGuard = conflict.link !== undefined && isGuardKind(conflict.kind)
  return (
    <>
      <p class="under-title">
        <ConflictBadge isOpen={!conflict.resolved} />{' '}
        <span class="quiet">
          {capital(plain(conflict.collection))}
          {!isGuard && `, ${name}`} · since <When time={conflict.timestamp} />
        </span>
      </p>
      {conflict.resolved && <Settled conflict={conflict} />}
      {isGuard ? <p class="lead">{conflict.notes}</p> : <Versus conflict={conflict} />}
      {!conflict.resolved && conflict.strategies.length > 0 && (
        <Ways conflict={conflict} onChoose={setStrategy} />
      )}
      {!conflict.resolved && conflict.strategies.length === 0 && (
        <Notice tone="quiet" title="Not yours to settle">
          <p>
            {conflict.link
              ? 'An admin does, or whoever edits the sheet.'
              : 'It came from another person’s device: they or an admin settle it.'}
          </p>
        </Notice>
      )}
      {conflict.link && !isGuard && !conflict.resolved && <p class="quiet under-ways">{SHEET_ANSWER}</p>}
      {!isGuard && (
        <section aria-labelledby="history">
          <h2 id="history">
            History of{' '}
            {conflict.kind === 'unique' && key !== conflict.localId ? 'the row that stands here' : 'the row'}
          </h2>
          <Timeline table={conflict.collection} row={key} />
        </section>
      )}
      {strategy && (
        <ResolveDialog
          key={strategy}
          conflict={conflict}
          strategy={strategy}
          onDone={() => {
            setStrategy(null)
            // The button is gone with the question.
            focusAfter('')
          }}
          // A dialog tells late that it was closed: another one may be open by then.
          onClose={() => setStrategy((now) => (now === strategy ? null : now))}
        />
      )}
    </>
  )
}

const HINTS: Readonly<Record<StrategyName, string>> = {
  rename_local: 'Both rows stay; the local one takes another name',
  keep_local: 'What the device says takes the place of what stands here',
  keep_remote: 'What stands here stays; the device takes it over',
  merge: 'Pick a side for each field, or type it',
}

/** Every strategy that can settle it, the recommended one first. */
function Ways({ conflict, onChoose }: { conflict: SyncConflict; onChoose: (of: StrategyName) => void }) {
  const best = recommended(conflict)?.how.strategy
  const ways = [...conflict.strategies].sort(
    (a, b) => Number(b.strategy === best) - Number(a.strategy === best),
  )
  useLetters((key) => {
    const strategy = STRATEGY_KEYS[key]
    if (!strategy || !ways.some((way) => way.strategy === strategy)) return false
    onChoose(strategy)
    return true
  })
  return (
    <section aria-labelledby="ways">
      <h2 id="ways">What to do</h2>
      <ul class="ways">
        {ways.map(({ strategy }) => (
          <li key={strategy}>
            <button
              type="button"
              class={`way${strategy === best ? ' is-best' : ''}`}
              onClick={() => onChoose(strategy)}
            >
              <span class="way-name">
                {strategyText(strategy, conflict)}
                {strategy === best && <span class="way-best">Recommended</span>}
              </span>
              <span class="quiet">{hintOf(conflict, strategy)}</span>
            </button>
          </li>
        ))}
      </ul>
      {conflict.recommendations.length > 0 && (
        <details class="more-advice">
          <summary>Other advice</summary>
          <ul class="plain">
            {conflict.recommendations.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function hintOf({ kind, link, strategies, field }: SyncConflict, strategy: StrategyName): string {
  const way = link ? wayOf(kind, strategy) : undefined
  if (way) return way.hint
  const can = strategies.find((one) => one.strategy === strategy)
  if (kind === 'unique' && strategy === 'keep_local')
    return can?.needsValue
      ? `The device’s edit is taken, with a ${plain(field ?? 'value')} of your own`
      : `The ${plain(field ?? 'value')} is free by now: the edit can be taken as it is`
  if (kind === 'unique' && strategy === 'keep_remote') return 'What the device says is given up there'
  if (kind === 'deleted')
    return strategy === 'keep_local'
      ? 'The row returns with the device’s edit'
      : 'The device removes the row, too'
  if (kind === 'delete')
    return strategy === 'keep_local'
      ? 'The row is deleted here, too'
      : 'The row returns to the device as it stands here'
  if (kind === 'undo')
    return strategy === 'keep_local' ? 'The later change is given up' : 'The undo leaves this row as it is'
  return HINTS[strategy]
}

/** How it was settled, and the way back. */
function Settled({ conflict }: { conflict: SyncConflict }) {
  const [isUndoing, setUndoing] = useState(false)
  const focusAfter = useFocusAfter(isUndoing)
  const canUndo = isAdmin.value && conflict.resolved_by !== null
  useLetters((key) => {
    if (key === 'u' && canUndo) setUndoing(true)
    return key === 'u' && canUndo
  })
  return (
    <Notice tone="good" title={`Settled: ${settledText(conflict)}`}>
      <p>
        {conflict.resolved_at && <When time={conflict.resolved_at} />}
        {conflict.notes && ` · ${conflict.notes}`}
      </p>
      {canUndo && (
        <button type="button" class="button" onClick={() => setUndoing(true)}>
          <Icon name="undo" />
          Undo
        </button>
      )}
      {isUndoing && (
        <UndoDialog
          what={{ conflict: conflict._id }}
          title={`Undo: ${rowName(conflict)}, ${settledText(conflict)}`}
          onDone={() => focusAfter('')}
          onClose={() => setUndoing(false)}
        />
      )}
    </Notice>
  )
}
