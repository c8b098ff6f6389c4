import type {
  DeviceMutation,
  DevicePushAnswer,
  MutationResult,
  PullAnswer,
} from '../../sync/protocol/device.ts'

// The server's side of docs/protocol.md for one table, from memory: rows, numbers of each incarnation, cursors, a restore.

export type Row = Record<string, string | number | null>

interface Stored {
  values: Row
  /** Who changed it, at which version */
  changes: { version: number; by: string | null }[]
}

export interface LaneState {
  version: number
  rows: Record<string, Stored>
  deleted: Record<string, number>
  /** What each incarnation sent, by number from 1, with what was answered */
  devices: Record<string, { sent: string[]; results: MutationResult[] }>
}

export type LaneReply =
  | { readonly status: 200; readonly body: DevicePushAnswer | PullAnswer }
  | { readonly status: 409; readonly type: 'gap' | 'forked'; readonly expected?: number }

export interface PushBody {
  readonly incarnation: string
  readonly first?: number
  readonly cursor?: string
  readonly mutations: readonly DeviceMutation[]
}

export class FakeLane {
  state: LaneState = { version: 0, rows: {}, deleted: {}, devices: {} }
  generation = 1
  /** Every mutation that was taken, in order */
  taken: DeviceMutation[] = []
  /** Says what becomes of a mutation, where a test wants it otherwise */
  judge: (mutation: DeviceMutation, row: Row) => Omit<MutationResult, 'n'> | null = () => null
  private readonly page: number

  constructor(page = 1_000) {
    this.page = page
  }

  /** Somebody else's edit. */
  edit(id: string, values: Row): void {
    const before = this.state.rows[id]
    this.write(id, { ...before?.values, id, ...values }, null)
  }

  remove(id: string): void {
    delete this.state.rows[id]
    this.state.deleted[id] = ++this.state.version
  }

  save = (): LaneState => structuredClone(this.state)

  /** From a backup: what came after it is not known any more, and cursors of it can't be continued. */
  restore(saved: LaneState): void {
    this.state = structuredClone(saved)
    this.generation++
  }

  push({ incarnation, first = 0, cursor, mutations }: PushBody): LaneReply {
    this.state.devices[incarnation] ??= { sent: [], results: [] }
    const device = this.state.devices[incarnation]
    const known = device.sent.length
    if (mutations.length > 0 && first > known + 1) return { status: 409, type: 'gap', expected: known + 1 }
    const isForked = mutations.some((mutation, i) => {
      const before = device.sent[first + i - 1]
      return before !== undefined && before !== JSON.stringify(mutation)
    })
    if (isForked) return { status: 409, type: 'forked' }
    for (const mutation of mutations.slice(Math.max(0, known + 1 - first))) {
      device.sent.push(JSON.stringify(mutation))
      this.taken.push(mutation)
      const result = this.apply(mutation, incarnation)
      if (result) device.results.push({ n: device.sent.length, ...result })
    }
    const results = device.results.filter(({ n }) => n >= first && n < first + mutations.length)
    const page = cursor === undefined ? {} : this.read(cursor, incarnation)
    return {
      status: 200,
      body: { last: device.sent.length, ...(results.length > 0 ? { results } : {}), ...page },
    }
  }

  pull = (cursor: string | null): LaneReply => ({ status: 200, body: this.read(cursor, null) })

  /** Cursors: generation, whether a first reading goes on, version, and the key that it has come to. */
  private read(cursor: string | null, reader: string | null): PullAnswer {
    const [generation, mode, version, ...key] = (
      cursor ?? `${this.generation} f ${this.state.version} `
    ).split(' ')
    if (Number(generation) !== this.generation) return { resnapshot: true }
    return mode === 'f'
      ? this.readAll(Number(version), key.join(' '))
      : this.readNews(Number(version), reader)
  }

  private readAll(version: number, after: string): PullAnswer {
    const keys = Object.keys(this.state.rows)
      .sort()
      .filter((key) => key > after)
    const some = keys.slice(0, this.page)
    const isMore = keys.length > some.length
    const cursor = isMore ? `f ${version} ${some.at(-1)}` : `v ${version} `
    return {
      cursor: `${this.generation} ${cursor}`,
      ...(isMore || version < this.state.version ? { more: true as const } : {}),
      fresh: true,
      ...this.tables(some, []),
    }
  }

  private readNews(since: number, reader: string | null): PullAnswer {
    const isNews = ({ changes }: Stored) =>
      changes.some(({ version, by }) => version > since && (by === null || by !== reader))
    const lastOf = (key: string) =>
      this.state.rows[key]?.changes.at(-1)?.version ?? this.state.deleted[key] ?? 0
    const changed = Object.entries(this.state.rows).flatMap(([key, row]) => (isNews(row) ? key : []))
    const gone = Object.keys(this.state.deleted).filter((key) => lastOf(key) > since)
    const keys = [...changed, ...gone].sort((a, b) => lastOf(a) - lastOf(b))
    const some = keys.slice(0, this.page)
    const isMore = keys.length > some.length
    const to = isMore ? lastOf(some.at(-1) ?? '') : this.state.version
    return {
      cursor: `${this.generation} v ${to} `,
      ...(isMore ? { more: true as const } : {}),
      ...this.tables(
        some.filter((key) => changed.includes(key)),
        some.filter((key) => gone.includes(key)),
      ),
    }
  }

  private tables(keys: readonly string[], deleted: string[]): Pick<PullAnswer, 'tables'> {
    if (keys.length + deleted.length === 0) return {}
    const rows = keys.map((key) => this.state.rows[key]?.values ?? {})
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    const cells = rows.map((row) => columns.map((column) => row[column] ?? null))
    return { tables: [{ name: 'listings', columns, rows: cells, deleted }] }
  }

  /** The newest assessment stands; what the server adds is answered in `set`. */
  private apply(mutation: DeviceMutation, by: string): Omit<MutationResult, 'n'> | null {
    const { key, values = {} } = mutation
    const row = this.state.rows[key]?.values
    if (!row) return { status: 'rejected', reason: 'There is no such listing.' }
    const judged = this.judge(mutation, row)
    if (judged) return judged
    if (String(row.assessed_at ?? '') > String(values.assessed_at ?? '')) {
      const set = Object.fromEntries(Object.keys(values).map((column) => [column, row[column] ?? null]))
      return { status: 'merged', set, reason: 'kept by newest' }
    }
    const set = { shopify_status: values.lifecycle_stage === 'assessed_approved' ? 'published' : 'draft' }
    this.write(key, { ...row, ...values, ...set }, by)
    return { status: 'applied', set }
  }

  private write(id: string, values: Row, by: string | null): void {
    const version = ++this.state.version
    const changes = [...(this.state.rows[id]?.changes ?? []), { version, by }]
    delete this.state.deleted[id]
    this.state.rows[id] = { values, changes }
  }
}
