import { Icon } from '../parts/icons.tsx'
import type { Selection } from './use-selection.ts'

/** Selecting, and what can be done with all that is selected. On a phone it stays at the thumb while something is. */
export function SelectBar(props: {
  selection: Selection
  onBulk: (strategy: 'keep_local' | 'keep_remote') => void
  onKeys: () => void
  onAuto?: () => void
}) {
  const { selection, onBulk, onKeys, onAuto } = props
  const { chosen, all } = selection
  const isAll = all.length > 0 && chosen.length === all.length
  return (
    <div class={`select-bar${chosen.length > 0 ? ' has-chosen' : ''}`}>
      {all.length > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={isAll}
            ref={(input) => {
              if (input) input.indeterminate = chosen.length > 0 && !isAll
            }}
            onChange={() => (isAll ? selection.clear() : selection.selectAll())}
          />
          <span>{chosen.length > 0 ? `${chosen.length} selected` : `Select all ${all.length}`}</span>
        </label>
      )}
      <span class="select-actions">
        {chosen.length > 0 ? (
          <>
            <button type="button" class="button" onClick={() => onBulk('keep_remote')}>
              Keep what stands here
            </button>
            <button type="button" class="button" onClick={() => onBulk('keep_local')}>
              Keep the local edits
            </button>
          </>
        ) : (
          <>
            {onAuto && all.length > 0 && (
              <button type="button" class="button" onClick={onAuto}>
                Auto-resolve
              </button>
            )}
            <button type="button" class="button keys-button" onClick={onKeys}>
              <Icon name="keys" />
              Keys
            </button>
          </>
        )}
      </span>
    </div>
  )
}
