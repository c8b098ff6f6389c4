import type { DeviceMutation } from '../../sync/protocol/device.ts'
import { type Edit, editOf, type Here, type Shadow, type Values } from './edit.ts'
import type { Sqlite } from './file.ts'
import { enqueue, LARGEST } from './outbox.ts'
import { reject, supersede } from './rejected.ts'
import { differing, type Mark, type Rows, type Times } from './rows.ts'

/** Makes an edit of what a program did to a row, numbers it, and takes it into the outbox. */
export function capture(db: Sqlite, rows: Rows, mark: Mark, times: Times): void {
  const { row, how, blank } = mark
  const here = rows.file(row)
  const shadow = rows.shadow(row)
  const edit = editOf({ columns: rows.columns, here, shadow, how, blank })
  if (!here && rows.isBytes(row)) {
    supersede(db, rows.link.id, row, null)
    const reason = `${rows.link.key}: it is kept as bytes, and only text or a number can name a row`
    reject(db, { link: rows.link.id, row, op: 'insert', vals: {}, reason, now: times.now })
  }
  if (edit) take(db, rows, row, { edit, here: here ?? {}, shadow }, times)
  rows.removeMark(row)
}

interface Taken {
  readonly edit: Edit
  readonly here: Here
  readonly shadow: Shadow | undefined
}

function take(db: Sqlite, rows: Rows, row: string, { edit, here, shadow }: Taken, times: Times): void {
  const { link } = rows
  const { now } = times
  if (edit.op === 'forget' || edit.op === 'delete') {
    supersede(db, link.id, row, null)
    rows.removeShadow(row)
    if (edit.op === 'delete') sendDeletion(db, rows, row, { now, was: shadow?.vals ?? {} })
    return
  }
  const { op, values, base, bad, restore } = edit
  supersede(db, link.id, row, [...Object.keys(values), ...Object.keys(bad)])
  for (const [name, { unreadable }] of Object.entries(bad)) {
    const type = rows.columns.find((column) => column.name === name)?.type
    const reason = `${name}: ${JSON.stringify(unreadable)} can't be read as ${type}`
    reject(db, { link: link.id, row, op: 'update', vals: { [name]: unreadable }, reason, now })
  }
  const known = shadow?.state === 'refused' ? undefined : shadow
  const state = known?.state === 'parked' ? 'parked' : 'agreed'
  const vals = { ...known?.vals, ...values }
  rows.update(row, restore, vals)
  const after = restore.length > 0 ? (rows.file(row) ?? here) : here
  const names = rows.columns.map(({ name }) => name)
  if (op === 'update' && Object.keys(values).length === 0) {
    rows.setShadow(row, { vals, seen: differing(after, vals, names), state }, times, 'local')
    return
  }
  const also: Values = op === 'insert' && link.holdsToo ? { [link.holdsToo]: row } : {}
  const content = { op, values: { ...also, ...values }, ...(base ? { base } : {}) }
  const sent = send(db, rows, row, content, { now, was: null })
  if (sent) {
    rows.setShadow(row, { vals, seen: differing(after, vals, names), state }, times, 'local')
    return
  }
  const reason = 'it is larger than what one request may carry'
  reject(db, { link: link.id, row, op, vals: shortened(values), reason, now })
  const old = known?.vals ?? {}
  rows.setShadow(
    row,
    { vals: old, seen: differing(after, old, names), state: known ? state : 'refused' },
    times,
    'local',
  )
}

/** With what the file knew of the row, so that the server can tell whether it was changed meanwhile; as much of it as travels. */
function sendDeletion(db: Sqlite, rows: Rows, row: string, { now, was }: { now: number; was: Values }): void {
  const known = Object.entries(was)
    .filter(([name]) => rows.columns.some((column) => column.name === name))
    .sort(([, a], [, b]) => String(a).length - String(b).length)
  while (!send(db, rows, row, { op: 'delete', base: Object.fromEntries(known) }, { now, was }))
    if (known.pop() === undefined) return
}

/** False: it is too large to travel. */
function send(
  db: Sqlite,
  { link, keyOf }: Rows,
  row: string,
  content: Pick<DeviceMutation, 'op' | 'values' | 'base'>,
  { now, was }: { now: number; was: Values | null },
): boolean {
  const at = new Date(now).toISOString()
  const body = JSON.stringify({ table: link.shared, key: keyOf(row), ...content, at })
  if (Buffer.byteLength(body) > LARGEST) return false
  enqueue(db, link.lane, { link: link.id, row, body, was })
  return true
}

const shortened = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, 200) : value,
    ]),
  )
