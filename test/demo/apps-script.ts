import { Webhook } from 'standardwebhooks'
import type { Google } from '../emulators/google/index.ts'

/** What somebody changes within this time, in milliseconds, is told once. */
const TOGETHER = 500

interface Installed {
  /** Where it tells, and what that is signed with */
  readonly address: string
  readonly secret: string
}

/**
 * An emulated Google whose workbooks can have the Apps Script that Tidemark ships: after a person's edit it sends the same signed
 * ping. Google runs the script itself; here, what it does is done in its place.
 */
export function withAppsScripts(google: Google) {
  const installed = new Map<string, Installed>()
  const telling = new Set<string>()
  const edited = (spreadsheet: string) => {
    const script = installed.get(spreadsheet)
    if (!script || telling.has(spreadsheet)) return
    telling.add(spreadsheet)
    setTimeout(() => {
      telling.delete(spreadsheet)
      // As in the script: whoever types hears of no failure, and Tidemark also looks by itself.
      tell(spreadsheet, script).catch(() => undefined)
    }, TOGETHER).unref()
  }
  const { act } = google.person
  const person: Google['person'] = {
    ...google.person,
    act(spreadsheet, name, args) {
      act(spreadsheet, name, args)
      edited(spreadsheet)
    },
  }
  return {
    google: { ...google, person },
    install: (spreadsheet: string, script: Installed) => void installed.set(spreadsheet, script),
  }
}

/** Signed as https://www.standardwebhooks.com says. */
async function tell(spreadsheet: string, { address, secret }: Installed): Promise<void> {
  const body = JSON.stringify({ spreadsheet_id: spreadsheet })
  const id = `msg_${crypto.randomUUID()}`
  const now = new Date()
  await fetch(address, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
  })
}
