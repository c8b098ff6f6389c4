import * as z from 'zod'
import type { YouTube } from '../youtube/index.ts'
import { Refusal } from './failure.ts'
import type { Fault } from './faults.ts'
import type { Google } from './google.ts'
import { hasValue, type Sheet } from './model.ts'
import { parseBody } from './payload.ts'
import type { ActionName } from './person.ts'
import { actions } from './person-actions.ts'
import { enteredText, rowsSchema } from './typing.ts'
import { readRange } from './values.ts'

// People, faults and the record of calls over HTTP: for the grid page, and for tests that run the whole stack.

const newSpreadsheet = z.object({
  id: z.string().optional(),
  title: z.string().optional(),
  locale: z.string().optional(),
  timeZone: z.string().optional(),
  owner: z.string().optional(),
  sheets: z
    .array(
      z.object({
        title: z.string(),
        sheetId: z.number().int().optional(),
        rows: rowsSchema.optional(),
        rowCount: z.number().int().optional(),
        columnCount: z.number().int().optional(),
      }),
    )
    .optional(),
})

const kinds = z.enum(['read', 'write', 'drive', 'youtube', 'stats', 'token'])

const faultSchema = z.object({
  match: z
    .object({
      method: z.string().optional(),
      path: z.string().optional(),
      api: z.string().optional(),
      kind: z.union([kinds, z.array(kinds)]).optional(),
    })
    .optional(),
  times: z.number().int().positive().optional(),
  skip: z.number().int().nonnegative().optional(),
  probability: z.number().min(0).max(1).optional(),
  do: z.union([
    z.strictObject({ status: z.number().int(), message: z.string().optional() }),
    z.strictObject({ delayMs: z.number().nonnegative(), when: z.enum(['before', 'after']).optional() }),
    z.strictObject({ cut: z.literal(true) }),
    z.strictObject({ lost: z.literal(true) }),
    z.strictObject({ drop: z.literal(true) }),
    z.strictObject({ html: z.literal(true) }),
    z.strictObject({ hang: z.literal(true) }),
  ]),
})

const numbers = z.object({
  title: z.string(),
  handle: z.string(),
  viewCount: z.number().int(),
  subscriberCount: z.number().int(),
  hiddenSubscriberCount: z.boolean(),
  videoCount: z.number().int(),
})

const metric = z.union([z.number(), z.string(), z.null()])
const statistics = z.object({
  followers: metric,
  likes: metric,
  comments: metric,
  videos: metric,
  views: metric,
})

type Handle = (part: (index: number) => string, body: unknown, url: URL) => unknown

/** The routes by method and path; null where another part of the origin answers. */
export function createControl(google: Google, youtube: YouTube | null) {
  const { person, faults, calls } = google
  const routes: readonly (readonly [string, RegExp, Handle])[] = [
    ['GET', /^\/person$/, () => person.list()],
    ['POST', /^\/person$/, (_, body) => person.create(newSpreadsheet.parse(body))],
    ['GET', /^\/person\/([^/]+)$/, (part) => grid(google, part(1))],
    ['DELETE', /^\/person\/([^/]+)$/, (part) => person.remove(part(1))],
    ['GET', /^\/person\/([^/]+)\/range$/, (part, _, url) => rangeOf(google, part(1), url)],
    [
      'GET',
      /^\/person\/([^/]+)\/cell$/,
      (part, _, url) => person.cell(part(1), url.searchParams.get('a1') ?? ''),
    ],
    [
      'POST',
      /^\/person\/([^/]+)\/copy$/,
      (part, body) => {
        const { id, title } = newSpreadsheet.pick({ id: true, title: true }).parse(body)
        return { spreadsheetId: person.copy(part(1), { ...(id && { id }), ...(title && { title }) }) }
      },
    ],
    [
      'POST',
      /^\/person\/([^/]+)\/(\w+)$/,
      (part, body) => {
        const name = part(2)
        if (!isAction(name))
          throw new Refusal(404, `Nobody can ${name}; there are ${Object.keys(actions).join(', ')}.`)
        person.act(part(1), name, body)
        return { spreadsheetId: part(1), version: person.file(part(1)).version }
      },
    ],
    ['GET', /^\/faults$/, () => ({ down: faults.isDown, faults: faults.list() })],
    ['POST', /^\/faults$/, (_, body) => addFault(google, body)],
    ['DELETE', /^\/faults$/, () => faults.clear()],
    ['DELETE', /^\/faults\/(\d+)$/, (part) => faults.remove(Number(part(1)))],
    ['GET', /^\/calls$/, (_, __, url) => calls.slice(-Number(url.searchParams.get('limit') ?? calls.length))],
    [
      'DELETE',
      /^\/calls$/,
      () => {
        calls.length = 0
      },
    ],
    [
      'PUT',
      /^\/youtube\/channels\/([^/]+)$/,
      (part, body) => youtube?.person.setChannel(part(1), given(numbers.partial().parse(body))),
    ],
    [
      'PUT',
      /^\/stats\/([^/]+)\/([^/]+)$/,
      (part, body) =>
        youtube?.person.setStatistics(part(1), part(2), given(statistics.partial().parse(body))),
    ],
  ]

  return async function control(request: Request): Promise<Response | null> {
    const url = new URL(request.url)
    for (const [method, path, handle] of routes) {
      const found = path.exec(url.pathname)
      if (method !== request.method || !found) continue
      try {
        const body = parseBody(await request.text())
        const answer = handle((index) => decodeURIComponent(found[index] ?? ''), body, url)
        return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer)
      } catch (error) {
        if (error instanceof Refusal) return problem(error.code, error.message)
        if (error instanceof z.ZodError) return problem(400, z.prettifyError(error))
        throw error
      }
    }
    return null
  }
}

function problem(code: number, message: string): Response {
  return Response.json({ error: { code, message } }, { status: code })
}

function isAction(name: string): name is ActionName {
  return Object.hasOwn(actions, name)
}

/** The members that were given: absent ones must not overwrite. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, v]) => v !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

function addFault({ faults }: Google, body: unknown): unknown {
  const switched = z.strictObject({ down: z.boolean() }).safeParse(body)
  if (switched.success) {
    faults.down(switched.data.down)
    return { down: switched.data.down }
  }
  const { match, times, skip, probability, do: action } = faultSchema.parse(body)
  const { path, ...rest } = match ?? {}
  const fault: Fault = {
    match: { ...given(rest), ...(path !== undefined && { path: new RegExp(path) }) },
    ...(times !== undefined && { times }),
    ...(skip !== undefined && { skip }),
    ...(probability !== undefined && { probability }),
    do: given(action) as Fault['do'],
  }
  return { id: faults.add(fault) }
}

function rangeOf({ person }: Google, id: string, url: URL): unknown {
  const render = url.searchParams.get('render') ?? 'FORMATTED_VALUE'
  if (render !== 'FORMATTED_VALUE' && render !== 'UNFORMATTED_VALUE' && render !== 'FORMULA') {
    throw new Refusal(400, `Unknown render option ${render}`)
  }
  const a1 = url.searchParams.get('a1') ?? ''
  return readRange(person.file(id), a1, { majorDimension: 'ROWS', render, dates: 'SERIAL_NUMBER' })
}

/** A spreadsheet as the grid page shows it. */
export function grid({ person }: Google, id: string) {
  const file = person.file(id)
  const { spreadsheetId, title, locale, timeZone, version, modifiedTime, permissions } = file
  const tab = (sheet: Sheet) => {
    const shown = person.read(id, `'${sheet.title.replaceAll("'", "''")}'`)
    return {
      sheetId: sheet.sheetId,
      title: sheet.title,
      hidden: sheet.hidden,
      rowCount: sheet.rowCount,
      columnCount: sheet.columnCount,
      hiddenColumns: sheet.hiddenColumns,
      rows: sheet.rows.map((row, r) =>
        row.map((cell, c) => ({
          text: shown[r]?.[c] ?? '',
          ...(hasValue(cell) && { entered: enteredText(sheet, r, c) }),
          ...(cell?.note && { note: cell.note }),
        })),
      ),
    }
  }
  return {
    spreadsheetId,
    title,
    locale,
    timeZone,
    version,
    modifiedTime,
    permissions,
    tabs: file.sheets.map(tab),
  }
}

export type Grid = ReturnType<typeof grid>
