// A temple's site: the front desk and the office each edited their own copy for two days without a network, and met again.

type Edit = readonly [
  table: 'admins' | 'bookings' | 'events',
  op: 'insert' | 'update' | 'delete',
  key: string,
  values?: Readonly<Record<string, string | number>>,
  base?: Readonly<Record<string, string | number>>,
  hoursAgo?: number,
]

const OFFICE: readonly Edit[] = [
  ['admins', 'insert', 'a-1', { username: 'priya', name: 'Priya Raman', role: 'manager' }],
  ['admins', 'insert', 'a-2', { username: 'john_admin', name: 'John Mathew', role: 'accounts' }],
  ['admins', 'insert', 'a-3', { username: 'lakshmi', name: 'Lakshmi Iyer', role: 'desk' }],
  [
    'bookings',
    'insert',
    'b-1',
    { devotee_name: 'R. Nair', starts_at: '2026-12-01T05:30:00.000Z', people: 4, status: 'requested' },
  ],
  [
    'bookings',
    'insert',
    'b-2',
    { devotee_name: 'S. Menon', starts_at: '2026-12-02T05:30:00.000Z', people: 2, status: 'requested' },
  ],
  [
    'bookings',
    'insert',
    'b-3',
    { devotee_name: 'The Pillais', starts_at: '2026-12-05T05:30:00.000Z', people: 9, status: 'requested' },
  ],
  ['events', 'insert', 'e-1', { title: 'Evening music', place: 'Main hall', capacity: 120 }],
  [
    'bookings',
    'update',
    'b-1',
    { starts_at: '2026-12-03T05:30:00.000Z' },
    { starts_at: '2026-12-01T05:30:00.000Z' },
    30,
  ],
  ['bookings', 'update', 'b-3', { people: 12 }, { people: 9 }, 20],
  ['events', 'delete', 'e-1', {}, { title: 'Evening music', place: 'Main hall', capacity: 120 }, 12],
]

const DESK: readonly Edit[] = [
  ['admins', 'insert', 'a-9', { username: 'John_Admin', name: 'John Abraham', role: 'desk' }, {}, 26],
  [
    'bookings',
    'update',
    'b-1',
    { starts_at: '2026-12-08T05:30:00.000Z', status: 'confirmed' },
    { starts_at: '2026-12-01T05:30:00.000Z', status: 'requested' },
    28,
  ],
  [
    'bookings',
    'delete',
    'b-3',
    {},
    { devotee_name: 'The Pillais', starts_at: '2026-12-05T05:30:00.000Z', people: 9, status: 'requested' },
    22,
  ],
  ['events', 'update', 'e-1', { capacity: 150 }, { capacity: 120 }, 10],
  [
    'bookings',
    'insert',
    'b-4',
    { devotee_name: 'A. Thomas', starts_at: '2026-12-09T05:30:00.000Z', people: 3, status: 'confirmed' },
    {},
    5,
  ],
]

const HOUR = 3_600_000

/** Both hand in what they wrote. It ends in four conflicts, one of each kind. @param code makes a pairing code */
export async function fillSite(url: URL, code: (name: string) => Promise<string>, now: Date): Promise<void> {
  for (const [name, edits] of [
    ['office computer', OFFICE],
    ['front desk tablet', DESK],
  ] as const) {
    const { token } = await post<{ token: string }>(url, '/api/devices/pair', null, {
      code: await code(name),
      name,
    })
    for (const lane of new Set(edits.map(([table]) => table))) {
      const mutations = edits
        .filter(([table]) => table === lane)
        .map(([table, op, key, values = {}, base = {}, hoursAgo = 48]) => ({
          table,
          op,
          key,
          values,
          base,
          at: new Date(now.getTime() - hoursAgo * HOUR).toISOString(),
        }))
      await post(url, '/api/push', token, {
        lane,
        incarnation: `demo-${name.replaceAll(' ', '-')}`,
        first: 1,
        mutations,
      })
    }
  }
}

async function post<T>(url: URL, path: string, token: string | null, body: object): Promise<T> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
