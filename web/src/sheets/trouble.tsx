import { Notice } from '../parts/notice.tsx'

/** Why something can't be read or written, what was kept, and what to do. */
export function Trouble({ trouble, kept }: { trouble: { reason: string; mend: string }; kept?: string }) {
  return (
    <Notice tone="warn" title={trouble.reason}>
      <dl class="facts">
        <div>
          <dt>What was kept</dt>
          <dd>{kept ?? 'Every row here; programs go on reading what was in step last.'}</dd>
        </div>
        <div>
          <dt>What to do</dt>
          <dd>{trouble.mend}</dd>
        </div>
      </dl>
    </Notice>
  )
}
