import { Refusal } from './failure.ts'
import { applyMask, type Mask, parseMask } from './mask.ts'
import type { Role, SpreadsheetFile } from './model.ts'

const schema: Mask = {
  kind: true,
  id: true,
  name: true,
  mimeType: true,
  version: true,
  modifiedTime: true,
  createdTime: true,
  trashed: true,
  ownedByMe: true,
  shared: true,
  owners: true,
  capabilities: true,
  webViewLink: true,
}

const standard = 'kind,id,name,mimeType'

/** `files.get`. `version` counts every change of a file, those that no one sees included, and only ever grows. */
export function driveFile(
  file: SpreadsheetFile,
  fields: string | null,
  caller: { readonly email: string; readonly role: Role },
): unknown {
  const canEdit = caller.role === 'owner' || caller.role === 'writer'
  const resource = {
    kind: 'drive#file',
    id: file.spreadsheetId,
    name: file.title,
    mimeType: 'application/vnd.google-apps.spreadsheet',
    version: String(file.version),
    modifiedTime: new Date(file.modifiedTime).toISOString(),
    createdTime: new Date(file.createdTime).toISOString(),
    trashed: file.trashed,
    ownedByMe: caller.role === 'owner',
    shared: Object.keys(file.permissions).length > 0,
    owners: [{ kind: 'drive#user', emailAddress: file.owner, me: caller.role === 'owner' }],
    capabilities: { canEdit, canDownload: true, canModifyContent: canEdit },
    webViewLink: `https://docs.google.com/spreadsheets/d/${file.spreadsheetId}/edit`,
  }
  return applyMask(driveMask(fields ?? standard), resource)
}

function driveMask(fields: string): Mask {
  try {
    return parseMask(fields, schema)
  } catch {
    throw new Refusal(400, `Invalid field selection ${fields}`, { reason: 'invalidParameter' })
  }
}

/** Drive hides what isn't shared: absent and forbidden look the same. */
export function driveNotFound(fileId: string): Refusal {
  return new Refusal(404, `File not found: ${fileId}.`, { reason: 'notFound' })
}
