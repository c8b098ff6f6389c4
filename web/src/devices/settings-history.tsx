import { getConfigHistory } from '../data/devices.ts'
import { Ago } from '../parts/time.tsx'
import { usePages } from '../parts/use-pages.ts'
import { changeText } from './setting-words.ts'

/** Who set what, newest first. */
export function SettingsHistory() {
  const pages = usePages(getConfigHistory, ({ key, at, by }) => `${key} ${at} ${by}`)
  if (pages.all.length === 0) return null
  return (
    <details class="settings-history">
      <summary>Earlier settings</summary>
      <ol class="plain">
        {pages.all.map(({ key, at, by, value }, i) => (
          <li key={`${key} ${at}`}>
            <span class="block">{changeText(value, pages.all[i + 1]?.value)}</span>
            <span class="quiet">
              {by}, <Ago time={at} />
            </span>
          </li>
        ))}
      </ol>
      {pages.isMore && (
        <button type="button" class="button" onClick={pages.more}>
          Older ones
        </button>
      )}
    </details>
  )
}
