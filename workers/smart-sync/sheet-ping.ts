import type { Context } from 'hono'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { readLinkedTo } from '../../db/reads/sheets.ts'
import type { RunRequest } from '../../sync/protocol/lane.ts'
import { SheetPing } from '../../sync/protocol/sheets.ts'
import { Refusal } from '../shared/app.ts'
import { askLane } from '../shared/lanes.ts'
import { bothWayLinks, linkNamed, SHARED, SHEET_LINK } from '../shared/names.ts'
import { workbookSecret } from './derived-secret.ts'
import { database, type SmartSync } from './env.ts'
import { settingKey } from './sheets.ts'

/**
 * A workbook's script says that something changed: whatever is linked to the workbook is run. What is sent again within the time
 * that signatures hold costs one look at the sheet.
 */
export async function sheetPing(c: Context<SmartSync>): Promise<Response> {
  // The bytes as they were signed: parsing them and writing them anew may change them.
  const text = await c.req.text()
  const ping = SheetPing.safeParse(jsonOf(text))
  if (!ping.success)
    throw new Refusal({
      type: 'bad_request',
      detail: 'This is no ping of a workbook’s script.',
      mend: 'Send {"spreadsheet_id": "…"}, signed.',
      errors: ping.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  const { spreadsheet_id, tabs = [] } = ping.data
  await checkSignature(c, spreadsheet_id, text)
  const asked = await linkedTo(c, spreadsheet_id)
  if (asked.length === 0)
    throw new Refusal({
      type: 'not_found',
      detail: 'Nothing is linked to this workbook any more.',
      mend: 'Run “disconnect” in its Apps Script, or link the workbook again.',
    })
  const runs = await Promise.all(
    asked.map(async ({ link, scope }) => {
      const lane = linkNamed(link).lane(scope)
      const request: RunRequest = { link, scope, parts: null, trigger: 'hook', full: false, actor: 'sheet' }
      const answer = await askLane(c.env.LANE, lane, (stub) => stub.request(lane, request))
      if (answer.type === 'skipped') throw new Error(`a ping was skipped: ${answer.reason}`)
      return { link, scope, run_id: answer.runId }
    }),
  )
  console.log(JSON.stringify({ event: 'sheet.pinged', spreadsheet_id, tabs, runs: runs.length }))
  return c.json({ success: true, runs }, 202)
}

async function checkSignature(c: Context<SmartSync>, spreadsheet: string, text: string): Promise<void> {
  const secret = await workbookSecret(c.env.WEBHOOK_KEY, spreadsheet)
  try {
    new Webhook(secret).verify(text, c.req.header())
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    throw new Refusal({
      type: 'unauthorized',
      detail: `The ping is not believed: ${error.message}.`,
      mend: 'Ask for the script and its secret again, and paste both anew. Check the clock if the message is too old.',
    })
  }
}

/** Links both ways, and workspaces of smart sync, that are about this workbook. */
async function linkedTo(
  c: Context<SmartSync>,
  spreadsheet: string,
): Promise<readonly { readonly link: string; readonly scope: string }[]> {
  const { workspaces, settings } = await readLinkedTo(database(c.env), spreadsheet)
  return [
    ...bothWayLinks
      .filter((link) => settings.includes(settingKey(link)))
      .map(({ name }) => ({ link: name, scope: SHARED })),
    ...workspaces.map((scope) => ({ link: SHEET_LINK, scope })),
  ]
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
