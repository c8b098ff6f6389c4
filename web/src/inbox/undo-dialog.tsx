import { useState } from 'preact/hooks'
import { undo } from '../data/inbox.ts'
import { PlanDialog } from './plan-dialog.tsx'
import { noteUndone } from './settled.ts'
import type { PlanView, Undoing } from './shapes.ts'
import { usePlan } from './use-plan.ts'
import { list, plain } from './words.ts'

/** Undoes a resolution, a commit or a run, after showing what returns, what becomes a conflict, and what should be pinned. */
export function UndoDialog(props: {
  what: Undoing
  /** What is undone, as a heading says it: `Undo the rename of ann` */
  title: string
  onDone: () => void
  onClose: () => void
}) {
  const { what, title, onDone, onClose } = props
  const [pin, setPin] = useState(false)
  // Offers are gone from a plan that takes them: the box stays to be unticked.
  const [offered, setOffered] = useState('')
  const plan = usePlan(
    JSON.stringify([what, pin]),
    async (planned) => {
      const answer = await undo({ ...what, ...(pin && { pin }) }, planned)
      const offers = answer.ok ? answer.value.plans.flatMap((each) => each.offers) : []
      if (offers.length > 0) setOffered(offerText(offers))
      return answer
    },
    () => {
      noteUndone('Undone')
      onClose()
      onDone()
    },
  )
  return (
    <PlanDialog
      title={title}
      verb="Undo"
      plan={plan}
      empty="No row: everything was changed since, or is as it was."
      onClose={onClose}
    >
      {offered && (
        <label class="check">
          <input type="checkbox" checked={pin} onChange={(event) => setPin(event.currentTarget.checked)} />
          <span>{offered}</span>
        </label>
      )}
    </PlanDialog>
  )
}

/** `Pin the price, or the sheet brings it back` */
function offerText(offers: PlanView['offers']): string {
  const columns = [...new Set(offers.map(({ column }) => plain(column)))]
  const links = [...new Set(offers.map(({ link }) => linkText(link)))]
  const verb = links.length === 1 ? 'brings' : 'bring'
  return `Pin the ${list(columns)}, or ${list(links)} ${verb} ${columns.length === 1 ? 'it' : 'them'} back`
}

const linkText = (link: string): string =>
  link.endsWith('.sheet') ? 'the sheet' : link.endsWith('.erp') ? 'the ERP' : link
