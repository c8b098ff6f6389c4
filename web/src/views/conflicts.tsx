import { Inbox } from '../inbox/inbox.tsx'
import '../style/inbox.css'

/** What waits for a person: conflicts of devices, sheets and the ERP in one list. */
export function ConflictsView() {
  return <Inbox />
}
