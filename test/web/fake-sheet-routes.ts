import type { LiveEvent, Run } from '../../sync/protocol/runs.ts'
import { advance, iso, newRun, type World } from './fake-data.ts'
import { type Handler, type Reply, refuse } from './fake-reply.ts'
import type { Behaviour } from './fake-server.ts'

/** The routes of sheets that are synced both ways, with the shapes of sync/protocol. */
export function sheetRoutes(
  world: World,
  behaviour: Behaviour,
  tell: (lane: string, event: LiveEvent) => void,
): [string, string, Handler][] {
  const { sheets: known } = world
  const find = (name: string) => known.sheets.find((sheet) => sheet.name === name)
  const admin =
    (handler: Handler): Handler =>
    (call) =>
      behaviour.role === 'admin'
        ? handler(call)
        : refuse('forbidden', `A ${behaviour.role} may not do this.`, 'Ask an admin.')
  const missing = (name: string) => refuse('not_found', `There is no sheet ${name}.`, 'Check the name.')

  function start(name: string, full: boolean): Reply {
    const sheet = find(name)
    if (!sheet?.spreadsheet_id) return missing(name)
    const waiting = world.runs.find(({ link, status }) => link === sheet.link && status === 'queued')
    const run = waiting ?? runOf(world, name, full)
    const timestamp = iso(Date.now())
    if (!waiting) {
      world.runs.unshift(run)
      tell(sheet.lane, { type: 'run', run })
      void drive(run, sheet.lane)
    }
    const answer = waiting ? 'joined' : 'queued'
    return { status: 202, body: { success: true, answer, run_id: run.id, timestamp } }
  }

  async function drive(run: Run, lane: string) {
    while (!run.finished_at) {
      await new Promise((resolve) => setTimeout(resolve, behaviour.pace))
      advance(run, Date.now(), null)
      if (run.finished_at) inStep(run)
      tell(lane, { type: 'run', run })
    }
  }

  function inStep(run: Run) {
    const at = iso(Date.now())
    for (const sheet of known.sheets.filter(({ link }) => link === run.link)) {
      Object.assign(sheet, { last_good_at: at, last_check_at: at, last_status: run.status, trouble: null })
    }
    known.statistics = known.statistics.map((of) => ({
      ...of,
      last_sync_at: at,
      last_status: 'done',
      rows_in: { last: 4, all: of.rows_in.all + 4 },
    }))
  }

  return [
    ['GET', '/api/sheets', () => ({ body: known.sheets })],
    ['GET', '/api/sheets/forecast', admin(() => ({ body: known.forecast }))],
    ['POST', '/api/sheets/:id/script', admin(() => ({ body: known.script }))],
    ['POST', '/api/sheets/:id/sync', admin(({ id, query }) => start(id, query.get('force') === 'true'))],
    [
      'GET',
      '/api/reference/statistics',
      () => ({
        body: {
          link: 'reference.sheet',
          running: null,
          last_run: null,
          tables: known.statistics,
          timestamp: iso(Date.now()),
        },
      }),
    ],
    [
      'GET',
      '/api/reference/:id',
      ({ id }) => {
        const rows = known.rows[id]
        return rows ? { body: rows } : refuse('not_found', `There is no table ${id}.`, 'Check the name.')
      },
    ],
    [
      'GET',
      '/api/config/:id',
      admin(({ id }) => ({
        body: { key: id, value: known.config[id] ?? {}, updated_at: null, updated_by: null },
      })),
    ],
    [
      'PUT',
      '/api/config/:id',
      admin(({ id, body }) => {
        const sheet = find(id.replace(/^sheets\./, ''))
        if (!sheet) return missing(id)
        if (String(body.spreadsheet_id).includes('forbidden'))
          return refuse('bad_request', 'Google does not show this workbook to Tidemark.', 'Share it first.')
        known.config[id] = body
        Object.assign(sheet, {
          spreadsheet_id: body.spreadsheet_id,
          url: `https://docs.google.com/spreadsheets/d/${body.spreadsheet_id}/edit`,
          check_minutes: body.check_minutes,
          tabs: sheet.tabs.map((tab) => ({ ...tab, policy: body.policy })),
        })
        return { body: { key: id, value: body, updated_at: iso(Date.now()), updated_by: 'Ada' } }
      }),
    ],
  ]
}

/** A run of a workbook's tabs that waits for its turn. */
export function runOf(world: World, name: string, full = false): Run {
  const sheet = world.sheets.sheets.find((one) => one.name === name)
  const run = newRun([], 400 + world.runs.length, Date.now(), null)
  return {
    ...run,
    link: `${name}.sheet`,
    scope: 'shared',
    lane: sheet?.lane ?? name,
    full,
    report: {
      ...run.report,
      parts: (sheet?.tabs ?? []).map(({ table, tab, rows }) => ({
        id: table,
        name: tab,
        status: 'waiting',
        rows,
        updated: 0,
        derived: 0,
        sent: 0,
        warnings: [],
        at: null,
      })),
    },
  }
}
