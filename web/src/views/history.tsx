import { capital } from '../format.ts'
import { Timeline } from '../inbox/timeline.tsx'
import { plain } from '../inbox/words.ts'
import { Heading } from '../parts/heading.tsx'
import { match, place } from '../router.ts'
import '../style/inbox.css'
import '../style/timeline.css'

/** The history of any row: `/history/admins/a1`. */
export function HistoryView() {
  const { table = '', key = '' } = match('/history/:table/:key', place.value.path) ?? {}
  return (
    <>
      <Heading title={`History of ${plain(table)} ${key}`} />
      <p class="quiet under-title">
        {capital(plain(table))}: who changed what, when, from where, and by which rule. The newest is on top.
      </p>
      <Timeline table={table} row={key} />
    </>
  )
}
