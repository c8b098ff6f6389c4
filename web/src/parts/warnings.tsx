import type { Warning } from '../../../sync/protocol/common.ts'
import { Icon } from './icons.tsx'

/** What a run found worth telling: the place in the remote, what stood there, and what that means. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  return (
    <ul class="warnings">
      {warnings.map((warning, i) => (
        <li key={`${warning.where ?? ''}${i}`}>
          <Icon name="warning" class="tone-warn" />
          <span>
            {warning.where && <code class="cell">{warning.where}</code>}
            {warning.raw !== undefined && (
              <>
                {' '}
                <q class="raw">{warning.raw}</q>
              </>
            )}{' '}
            {warning.message}
          </span>
        </li>
      ))}
    </ul>
  )
}
