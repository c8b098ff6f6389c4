import { beforeAll, describe, expect, it } from 'vitest'
import { Problem, type Role } from '../../sync/protocol/common.ts'
import { ERP_SECRETS, openErpDoors } from './erp-world.ts'
import { ROUTES, schemaOf } from './routes.ts'
import { type Answer, accountId, type Call, type Doors, look, PEOPLE, SECRETS, type Who } from './world.ts'

// Who may do what, for every route that the API's document names: a new route can't escape this table. Each route is
// asked by everybody; those who own rows ask for their own, for another user's, and for ones that don't exist.

interface Rule {
  readonly roles: readonly Role[]
  /** Ids in the path or query: of something of ann's, of something that she may not see; the unknown one is made */
  readonly own?: (ids: Ids) => string
  readonly foreign?: (ids: Ids) => string
  /** The path with an id in it, where it is more than the route's own one */
  readonly path?: (id: string) => string
  readonly call?: (id: string) => Call
}

interface Ids {
  readonly account: string
  readonly bobsAccount: string
  readonly run: string
  readonly cleosRun: string
  readonly conflict: string
  readonly bobsConflict: string
}

const UNKNOWN = 'no-such-id'
const REPORT = {
  id: 'the-first-sync',
  startTime: '2026-11-21T10:00:00Z',
  endTime: '2026-11-21T10:00:01Z',
  status: 'completed',
  localToRemote: { admins: 1 },
  remoteToLocal: {},
  conflicts: {},
}

const EVERYBODY: Role[] = ['admin', 'user', 'device', 'hook']
const READERS: Role[] = ['admin', 'user', 'device']
const ADMIN: Role[] = ['admin']
/** Who sets what all share: a bot has a hook's token. */
const WRITERS: Role[] = ['admin', 'hook']
const json = (body: unknown) => () => ({ body })

const project = { own: () => 'annie', foreign: () => 'bobby' }
const user = { own: () => 'ann', foreign: () => 'bob' }
const account = { own: (ids: Ids) => ids.account, foreign: (ids: Ids) => ids.bobsAccount }

const RULES: Record<string, Rule> = {
  'GET /api/session': { roles: EVERYBODY },
  'DELETE /api/session': { roles: EVERYBODY },
  'GET /api/tokens': { roles: ADMIN },
  'POST /api/tokens': { roles: ADMIN, call: json({ role: 'hook', name: 'a hook' }) },
  'DELETE /api/tokens/{id}': { roles: ADMIN, own: () => 'none' },
  'POST /api/codes': { roles: ADMIN, call: json({ role: 'user', user_id: 'ann', name: 'Ann' }) },
  'POST /api/admin/smart_sync': {
    roles: ['admin', 'hook'],
    own: () => 'annie',
    path: (id) => `/api/admin/smart_sync?project_id=${id}`,
  },
  'GET /api/admin/sync_status': { roles: ['admin', 'hook'] },
  'GET /api/runs': { roles: ['admin', 'user'], ...project, path: (id) => `/api/runs?project_id=${id}` },
  'GET /api/runs/{id}': {
    roles: ['admin', 'user'],
    own: (ids) => ids.run,
    foreign: (ids) => ids.cleosRun,
  },
  'GET /api/conflicts': { roles: ['admin', 'user'] },
  'GET /api/conflicts/{id}': {
    roles: ['admin', 'user'],
    own: (ids) => ids.conflict,
    foreign: (ids) => ids.bobsConflict,
  },
  'GET /api/workspaces': { roles: ADMIN },
  'GET /api/workspaces/{id}': { roles: ADMIN, own: () => 'w1' },
  'PUT /api/workspaces/{id}': {
    roles: ADMIN,
    own: () => 'w1',
    call: json({ name: 'One', spreadsheet_id: 'sheet-1-id' }),
  },
  'PUT /api/projects/{id}': {
    roles: ADMIN,
    own: () => 'annie',
    call: json({ workspace_id: 'w1', name: 'Ann films', tab: 'Ann films', owner: 'ann' }),
  },
  'GET /api/config': { roles: ADMIN },
  'GET /api/config/{key}': { roles: ADMIN, own: () => 'smart-sync.schedule' },
  'PUT /api/config/{key}': { roles: ADMIN, own: () => 'smart-sync.schedule', call: json({}) },
  'DELETE /api/config/{key}': { roles: ADMIN, own: () => 'smart-sync.schedule' },
  'GET /api/config/{key}/history': { roles: ADMIN, own: () => 'smart-sync.schedule' },
  'POST /api/sync/sync': { roles: ADMIN, call: json({}) },
  'POST /api/sync/reports': { roles: READERS, call: json(REPORT) },
  'GET /api/sync/status': { roles: ADMIN },
  'GET /api/sync/logs': { roles: ADMIN },
  'GET /api/sync/network-status': { roles: ADMIN },
  'GET /api/sync/conflicts': { roles: READERS },
  'GET /api/sync/conflicts/{id}': { roles: READERS, own: () => 'anns-edit', foreign: () => 'none' },
  'POST /api/sync/conflicts/{id}/resolve': {
    roles: READERS,
    own: () => 'anns-edit',
    foreign: () => 'bobs-edit',
    call: json({ strategy: 'keep_remote', dry_run: true }),
  },
  'POST /api/sync/conflicts/auto-resolve': { roles: ADMIN, call: json({ dry_run: true }) },
  'GET /api/sync/config': { roles: READERS },
  'PUT /api/sync/config': { roles: ADMIN, call: json({ maxRetries: 3 }) },
  'GET /api/sync/config/history': { roles: ADMIN },
  'POST /api/undo': { roles: ADMIN, own: () => 'none', call: json({ conflict: UNKNOWN }) },
  'POST /api/restore': { roles: ADMIN, own: () => 'none', call: json({ lane: UNKNOWN, tables: [] }) },
  'GET /api/webhooks': { roles: ADMIN },
  'POST /api/webhooks': { roles: ADMIN, call: json({ url: 'https://hooks.example/tidemark' }) },
  'DELETE /api/webhooks/{id}': { roles: ADMIN, own: () => 'none' },
  'GET /api/webhooks/deliveries': { roles: ADMIN },
  'POST /api/webhooks/deliveries/{id}/retry': { roles: ADMIN, own: () => 'none' },
  'GET /api/projects': { roles: READERS },
  'GET /api/projects/{id}': { roles: READERS, ...project },
  'GET /api/projects/{id}/accounts': { roles: READERS, ...project },
  'GET /api/projects/{id}/growth': { roles: READERS, ...project },
  'GET /api/accounts/{id}': { roles: READERS, ...account },
  'GET /api/accounts/{id}/snapshots': { roles: READERS, ...account },
  'GET /api/accounts/{id}/growth': { roles: READERS, ...account },
  'PUT /api/accounts/{id}/pins/{metric}': {
    roles: ['admin', 'user'],
    ...account,
    path: (id) => `/api/accounts/${id}/pins/followers`,
    call: json({ value: 100, note: 'checked' }),
  },
  'DELETE /api/accounts/{id}/pins/{metric}': {
    roles: ['admin', 'user'],
    ...account,
    path: (id) => `/api/accounts/${id}/pins/followers`,
  },
  'GET /api/history': {
    roles: READERS,
    ...account,
    path: (id) => `/api/history?table=accounts&key=${id}`,
  },
  'POST /api/backups': { roles: ADMIN },
  'POST /api/session/login': { roles: ['user', 'device'] },
  'POST /api/session/reconnect': { roles: ['user', 'device'] },
  'POST /api/erp/sync': {
    roles: ['admin', 'user'],
    ...user,
    path: () => '/api/erp/sync',
    call: (user_id) => ({ body: { system: 'customers', user_id } }),
  },
  'GET /api/erp/status': { roles: ['admin', 'user'] },
  'GET /api/erp/users': { roles: ADMIN },
  'GET /api/erp/users/{id}': { roles: ADMIN, own: () => 'ann' },
  'PUT /api/erp/users/{id}': {
    roles: ADMIN,
    own: () => 'ann',
    call: json({ name: 'Ann', login: 'ann-login', password: 'secret' }),
  },
  'POST /api/orders': {
    roles: ['admin', 'user'],
    ...user,
    path: () => '/api/orders',
    call: (user_id) => ({
      headers: { 'idempotency-key': `order-of-${user_id}` },
      body: { customer_id: 'C1', lines: [{ product_id: 'P-1', quantity: 1 }], user_id },
    }),
  },
  'GET /api/orders/requests': {
    roles: ['admin', 'user'],
    ...user,
    path: (id) => `/api/orders/requests?user_id=${id}`,
  },
  'GET /api/orders/requests/{id}': {
    roles: ['admin', 'user'],
    own: () => 'ann-request',
    foreign: () => 'bob-request',
  },
  'GET /api/customers': { roles: READERS, ...user, path: (id) => `/api/customers?user_id=${id}` },
  'GET /api/customers/{id}': { roles: READERS, own: () => 'ann:C1', foreign: () => 'bob:C1' },
  'GET /api/products': { roles: READERS },
  'GET /api/products/{id}': { roles: READERS, own: () => 'P-1' },
  'GET /api/products/{id}/image': { roles: READERS, own: () => 'P-1' },
  'GET /api/orders': { roles: READERS, ...user, path: (id) => `/api/orders?user_id=${id}` },
  'GET /api/orders/{id}': { roles: READERS, own: () => 'ann:O1', foreign: () => 'bob:O1' },
  'GET /api/price-changes': { roles: READERS },
  'GET /api/unmatched-prices': { roles: READERS },
  'GET /api/tables': { roles: READERS },
  // Another user's incarnation is forked; devices.test.ts has it. A lane of somebody else's is an unknown one.
  'GET /api/pull': {
    roles: READERS,
    own: () => 'listings',
    foreign: () => 'customers:bob',
    path: (id) => `/api/pull?lane=${id}`,
  },
  'GET /api/digest': {
    roles: READERS,
    own: () => 'listings',
    foreign: () => 'customers:bob',
    path: (id) => `/api/digest?lane=${id}&table=listings`,
  },
  'GET /api/rows': {
    roles: READERS,
    own: () => 'listings',
    foreign: () => 'customers:bob',
    path: (id) => `/api/rows?lane=${id}&table=listings`,
  },
  'POST /api/push': { roles: READERS, call: json({ lane: 'listings', incarnation: 'x' }) },
  'GET /api/assessments': { roles: READERS },
  'GET /api/assessments/rules': { roles: READERS },
  'POST /api/assessments/{id}/review': {
    roles: READERS,
    own: () => 'none',
    call: json({ modesty_status: 'modest' }),
  },
  'GET /api/collections': { roles: READERS },
  // Collections are everybody's.
  'GET /api/collections/{name}': { roles: READERS, own: () => 'admins' },
  'GET /api/reference/employee_settings': { roles: EVERYBODY },
  'GET /api/reference/employee_settings/{id}': { roles: EVERYBODY, own: () => 'none' },
  'PUT /api/reference/employee_settings/{id}': {
    roles: WRITERS,
    own: () => 'E1',
    call: json({ hourly_wage: 1_250, commission: 0.08 }),
  },
  'DELETE /api/reference/employee_settings/{id}': { roles: WRITERS, own: () => 'none' },
  'GET /api/reference/dynamic_rates': { roles: EVERYBODY },
  'GET /api/reference/dynamic_rates/{id}': { roles: EVERYBODY, own: () => 'none' },
  'PUT /api/reference/dynamic_rates/{id}': {
    roles: WRITERS,
    own: () => 'first',
    call: json({ range_from: 0, range_to: 100, rate: 0.05 }),
  },
  'DELETE /api/reference/dynamic_rates/{id}': { roles: WRITERS, own: () => 'none' },
  'GET /api/reference/ranks': { roles: EVERYBODY },
  'GET /api/reference/ranks/{id}': { roles: EVERYBODY, own: () => 'none' },
  'PUT /api/reference/ranks/{id}': { roles: WRITERS, own: () => 'Gold', call: json({ min_amount: 0 }) },
  'DELETE /api/reference/ranks/{id}': { roles: WRITERS, own: () => 'none' },
  'POST /api/reference/sync': {
    roles: ['admin', 'user'],
    path: () => '/api/reference/sync?force=true',
  },
  'GET /api/reference/statistics': { roles: ['admin', 'user'] },
  'GET /api/sheets': { roles: ['admin', 'user'] },
  'POST /api/sheets/{name}/sync': { roles: ADMIN, own: () => 'reference' },
  'GET /api/sheets/forecast': { roles: ADMIN },
  'POST /api/sheets/{name}/script': { roles: ADMIN, own: () => 'workspace:w1' },
  'GET /api/images': { roles: ADMIN },
  'POST /api/images/{product_id}/retry': { roles: ADMIN, own: () => 'P-1' },
  // A foreign account is rejected within the answer; readings.test.ts has it.
  'POST /api/admin/readings': { roles: ['admin', 'hook', 'device'], call: json({ readings: [{}] }) },
}

/** Open to everybody: they are ways in (sign-in.test.ts), or signed (sheet-ping.test.ts). */
const WAYS_IN = ['POST /api/session', 'POST /api/devices/pair', 'POST /hooks/sheets']

let doors: Doors
let ids: Ids
beforeAll(async () => {
  doors = await openErpDoors()
  doors.file.exec(
    `INSERT INTO config VALUES ('sheets.reference', '{"spreadsheet_id":"a-workbook"}', 1, 'admin')`,
  )
  const run = (lane: string) => String(look(doors, 'SELECT id FROM runs WHERE lane = ?', lane)[0]?.id)
  doors.file.exec(
    `INSERT INTO config VALUES ('backups.sheet', '{"spreadsheet_id":"copies","tables":["accounts"]}', 1, 'admin')`,
  )
  for (const part of ['annie', 'bobby', 'other'])
    doors.file.exec(`INSERT INTO conflicts (id, lane, link, scope, part, tbl, key, kind, detail, opened_at)
      VALUES ('conflict-of-${part}', 'workspace:w1', 'smart-sync.sheet', 'w1', '${part}', 'accounts', 'a', 'duplicate',
        'stands twice in ${part}', 1)`)
  for (const user of ['ann', 'bob'])
    doors.file.exec(`
      INSERT INTO device_lanes VALUES ('${user}-laptop', 'admins', '${user}', 1, '[]', 1);
      INSERT INTO conflicts (id, lane, link, scope, tbl, key, col, kind, op, ours, theirs, holder, origin, detail, opened_at)
      VALUES ('${user}s-edit', 'admins', '', '', 'admins', 'row-of-${user}', 'username', 'unique', 'insert',
        '{"username":"x"}', '{"username":"x"}', 'held-by-cleo', 'device:${user}-laptop', 'insert: it is taken', 2)`)
  ids = {
    account: accountId(doors, 'https://youtube.com/@ann'),
    bobsAccount: accountId(doors, 'https://youtube.com/@bobsecret'),
    run: run('workspace:w1'),
    cleosRun: run('workspace:w2'),
    conflict: 'conflict-of-annie',
    bobsConflict: 'conflict-of-bobby',
  }
})

function ask(name: string, who: Who | null, id: string): Promise<Answer> {
  const rule = RULES[name] as Rule
  const [method = '', path = ''] = name.split(' ')
  const where = rule.path ? rule.path(id) : path.replace(/\{\w+\}/, id)
  return doors.call(who, method, where, rule.call?.(id))
}
const own = (name: string): string => RULES[name]?.own?.(ids) ?? UNKNOWN
const names = Object.keys(RULES)
const forUsers = names.filter((name) => RULES[name]?.foreign)

describe('every route of the API', () => {
  it('stands in the table of who may use it', async () => {
    const answer = await doors.call(null, 'GET', '/openapi.json')
    const { paths } = answer.json<{ paths: Record<string, Record<string, unknown>> }>()
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.sort()).toEqual([...names, ...WAYS_IN].sort())
    expect([...ROUTES.keys()].sort()).toEqual(documented)
  })

  it.each(names)('%s is closed to who is not signed in', async (name) => {
    const answer = await ask(name, null, own(name))
    expect(answer.status).toBe(401)
    expect(Problem.strict().parse(answer.json()).type).toBe('urn:tidemark:problem:unauthorized')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
  })

  it.each(names.flatMap((name) => (Object.keys(PEOPLE) as Who[]).map((who) => [name, who] as const)))(
    '%s lets %s in if the role may',
    async (name, who) => {
      const { role, user } = PEOPLE[who]
      const answer = await ask(name, who, own(name))
      if (!RULES[name]?.roles.includes(role)) {
        expect(answer.status).toBe(403)
        expect(Problem.strict().parse(answer.json()).detail).toContain(role)
        return
      }
      expect([401, 403, 500]).not.toContain(answer.status)
      if (answer.status >= 300) {
        expect(Problem.strict().parse(answer.json()).type).toBe('urn:tidemark:problem:not_found')
        expect(own(name) === 'none' || user === 'bob').toBe(true)
        return
      }
      const schema = schemaOf(name, answer.status)
      // `parse` drops what the schema doesn't name: what is left equals the answer only if nothing is missing or too much.
      if (schema) expect(schema.parse(answer.json())).toEqual(answer.json())
      else expect(answer.text).toBe(answer.headers.get('content-type') === 'image/jpeg' ? '\x01\x02\x03' : '')
    },
  )

  it.each(forUsers.flatMap((name) => (['ann', 'annsDevice'] as const).map((who) => [name, who] as const)))(
    '%s tells %s nothing of ids that belong to others',
    async (name, who) => {
      if (!RULES[name]?.roles.includes(PEOPLE[who].role)) return
      const foreign = RULES[name]?.foreign?.(ids) ?? ''
      const [theirs, unknown] = [await ask(name, who, foreign), await ask(name, who, UNKNOWN)]
      expect(theirs.status).toBe(404)
      expect(theirs.text.replaceAll(foreign, '?')).toBe(unknown.text.replaceAll(UNKNOWN, '?'))
      expect([...theirs.headers]).toEqual([...unknown.headers])
    },
  )

  it.each(names.filter((name) => name.startsWith('GET ')))('%s shows ann no row of others', async (name) => {
    for (const who of ['ann', 'annsDevice'] as const) {
      const [, path = ''] = name.split(' ')
      for (const answer of [await ask(name, who, own(name)), await doors.call(who, 'GET', path)])
        for (const secret of [...SECRETS, ...ERP_SECRETS]) expect(answer.text).not.toContain(secret)
    }
  })

  it('changes nothing for who may not', async () => {
    const before = look(doors, 'SELECT * FROM accounts')
    const pins = look(doors, 'SELECT count(*) AS n FROM pins')
    await doors.call('ann', 'PUT', `/api/accounts/${ids.bobsAccount}/pins/followers`, { body: { value: 1 } })
    await doors.call('annsDevice', 'PUT', `/api/accounts/${ids.account}/pins/followers`, {
      body: { value: 1 },
    })
    await doors.call('ann', 'PUT', '/api/projects/bobby', {
      body: { workspace_id: 'w1', name: 'Mine now', tab: 'Mine', owner: 'ann' },
    })
    expect(look(doors, 'SELECT * FROM accounts')).toEqual(before)
    expect(look(doors, 'SELECT count(*) AS n FROM pins')).toEqual(pins)
    expect(look(doors, `SELECT owner FROM projects WHERE id = 'bobby'`)).toEqual([{ owner: 'bob' }])
  })

  it('ends a list, as at an unknown id, where a page would begin at somebody else’s row', async () => {
    const all = await doors.call('ann', 'GET', '/api/conflicts')
    expect(all.json<{ id: string }[]>().map(({ id }) => id)).toEqual([
      // The collections are everybody's.
      'bobs-edit',
      'anns-edit',
      'conflict-of-annie',
      'ann-conflict',
    ])
    for (const id of ['conflict-of-other', 'bob-conflict', 'shared-conflict', UNKNOWN])
      expect((await doors.call('ann', 'GET', `/api/conflicts?before=${id}`)).json()).toEqual([])
    for (const path of ['/api/customers', '/api/orders'])
      for (const id of ['bob:C1', 'bob:O1', UNKNOWN])
        expect((await doors.call('ann', 'GET', `${path}?after=${id}`)).json()).toEqual([])
    for (const id of ['bobby', UNKNOWN])
      expect((await doors.call('ann', 'GET', `/api/projects?before=${id}`)).json()).toEqual([])
  })
})
