import { type Applied, type Apply, gridRangeFields, readGridRange } from './cell-requests.ts'
import { invalid } from './failure.ts'
import { withSheet } from './grid-edit.ts'
import { boundsOf, type ProtectedRange } from './model.ts'
import { Payload } from './payload.ts'
import { assertEditable } from './protection.ts'

// The requests of spreadsheets.batchUpdate that protect ranges.

export const addProtectedRange: Apply = (file, body, where, { caller, random }) => {
  const payload = new Payload(body, where, ['protectedRange'])
  const entry = payload.required('protectedRange', [
    'protectedRangeId',
    'range',
    'description',
    'warningOnly',
    'editors',
    'requestingUserCanEdit',
  ])
  const { sheet, range } = readGridRange(file, entry.required('range', gridRangeFields))
  const warningOnly = entry.flag('warningOnly') ?? false
  const users = entry.object('editors', ['users', 'groups', 'domainUsersCanEdit'])?.list('users')
  if (warningOnly && users) throw invalid('ProtectedRange is warningOnly. Editors cannot be set on it.')
  const named = (users ?? []).filter((user) => typeof user === 'string')
  const description = entry.text('description')
  const added: ProtectedRange = {
    protectedRangeId: entry.integer('protectedRangeId') ?? Math.floor(random() * 2_000_000_000),
    range,
    warningOnly,
    // Whoever protects a range stays among its editors.
    editors: warningOnly ? [] : [...new Set([caller.email, ...named])].filter((user) => user !== file.owner),
    ...(description !== undefined && { description }),
  }
  const changed = withSheet(file, { ...sheet, protectedRanges: [...sheet.protectedRanges, added] })
  const { editors, ...shown } = added
  const reply = { ...shown, requestingUserCanEdit: true, editors: { users: [file.owner, ...editors] } }
  return { file: changed, reply: { addProtectedRange: { protectedRange: reply } } }
}

export const deleteProtectedRange: Apply = (file, body, where, { caller }): Applied => {
  const id = new Payload(body, where, ['protectedRangeId']).integer('protectedRangeId')
  const sheet = file.sheets.find((s) => s.protectedRanges.some((p) => p.protectedRangeId === id))
  const found = sheet?.protectedRanges.find((p) => p.protectedRangeId === id)
  if (!sheet || !found) throw invalid(`No protected range with id: ${id}`)
  assertEditable(file, sheet, boundsOf(found.range, sheet), caller)
  const protectedRanges = sheet.protectedRanges.filter((p) => p !== found)
  return { file: withSheet(file, { ...sheet, protectedRanges }) }
}
