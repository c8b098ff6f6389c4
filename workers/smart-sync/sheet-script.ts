import type { RouteHandler } from '@hono/zod-openapi'
import { readWorkspace } from '../../db/reads/setup.ts'
import { readSpreadsheet } from '../../db/reads/sheets.ts'
import { APPS_SCRIPT } from '../../sync/remotes/google-sheets/apps-script/text.ts'
import { notFound } from '../shared/access.ts'
import { Refusal } from '../shared/app.ts'
import { workbookSecret } from './derived-secret.ts'
import { database, type SmartSync, type SmartSyncEnv } from './env.ts'
import { sheetNamed } from './sheet-config.ts'
import type * as routes from './sheet-routes.ts'
import { settingKey } from './sheets.ts'

const PROPERTY = 'TIDEMARK_SECRET'
const WORKSPACE = 'workspace:'

export const sheetScript: RouteHandler<typeof routes.sheetScript, SmartSync> = async (c) => {
  const { name } = c.req.valid('param')
  const spreadsheet = await spreadsheetOf(c.env, name)
  const address = new URL('/hooks/sheets', c.req.url).href
  return c.json(
    {
      name,
      spreadsheet_id: spreadsheet,
      script: APPS_SCRIPT.replace('{{address}}', address),
      address,
      secret: await workbookSecret(c.env.WEBHOOK_KEY, spreadsheet),
      property: PROPERTY,
      instructions: [
        'Open the workbook, and there Extensions > Apps Script.',
        'Put the script in place of what is there, and save it.',
        `Open Project Settings, add a script property ${PROPERTY}, and paste the secret as its value.`,
        'Back in the editor, choose the function connect and press Run. Google asks whether the script may do this: it may.',
        'Type something in the workbook: a run begins within a few seconds.',
      ],
    },
    200,
  )
}

/** The workbook of a link both ways, or of a workspace of smart sync. */
async function spreadsheetOf(env: SmartSyncEnv, name: string): Promise<string> {
  if (name.startsWith(WORKSPACE)) {
    const id = name.slice(WORKSPACE.length)
    const workspace = await readWorkspace(database(env), id)
    if (!workspace) throw notFound('workspace', id)
    return workspace.spreadsheet_id
  }
  const setting = settingKey(sheetNamed(name))
  const spreadsheet = await readSpreadsheet(database(env), setting)
  if (spreadsheet !== null) return spreadsheet
  throw new Refusal({
    type: 'conflict',
    detail: `No workbook is linked under ${name} yet.`,
    mend: `Say which it is with PUT /api/config/${setting}; the secret is for that workbook only.`,
  })
}
