import { Fact } from '../parts/fact.tsx'
import { Notice } from '../parts/notice.tsx'

/** Why something can't be read or written, what was kept, and what to do. */
export function Trouble({ trouble, kept }: { trouble: { reason: string; mend: string }; kept?: string }) {
  return (
    <Notice tone="warn" title={trouble.reason}>
      <dl class="facts">
        <Fact term="What was kept">
          {kept ?? 'Every row here; programs go on reading what was in step last.'}
        </Fact>
        <Fact term="What to do">{trouble.mend}</Fact>
      </dl>
    </Notice>
  )
}
