import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { PlanFile } from '../../cli/plan-file.ts'
import { Problem } from '../../sync/protocol/common.ts'
import { PlanAnswer, ResolveAnswer, SyncConflict } from '../../sync/protocol/conflicts.ts'
import { ErpStatus, Started } from '../../sync/protocol/erp.ts'
import { Conflict, HistoryEntry, Token } from '../../sync/protocol/records.ts'
import { Run } from '../../sync/protocol/runs.ts'
import { Sheet, SheetsForecast } from '../../sync/protocol/sheets.ts'
import {
  Account,
  GrowthAnswer,
  Project,
  ReadingsAnswer,
  SmartSyncAnswer,
  Snapshot,
  SyncStatusAnswer,
} from '../../sync/protocol/smart-sync.ts'
import { ConfigChange, SyncConfigView } from '../../sync/protocol/sync-config.ts'
import { SyncLog, SyncOutcome, SyncStatus } from '../../sync/protocol/sync-logs.ts'
import * as collections from './collections-data.ts'
import * as data from './data.ts'
import { TOKEN } from './fake-server.ts'
import { signedIn } from './signed-in.ts'

const { server, here } = await signedIn()
writeFileSync(join(here.home, 'readings.json'), '[1]')

const session = z.strictObject({
  url: z.url(),
  role: z.literal('admin'),
  user: z.null(),
  name: z.literal('Ada'),
})

/** Every command, and what a program gets from it. */
const COMMANDS: readonly { words: string; schema: z.ZodType; value?: unknown }[] = [
  { words: 'whoami', schema: session },
  {
    words: 'status',
    schema: z.strictObject({
      status: SyncStatusAnswer,
      projects: z.array(Project),
      collections: SyncStatus,
      problem: z.null(),
    }),
  },
  { words: 'sync', schema: SmartSyncAnswer },
  { words: 'erp', schema: ErpStatus, value: data.erpStatus() },
  { words: 'erp status', schema: ErpStatus, value: data.erpStatus() },
  { words: 'erp sync products', schema: z.array(Run), value: [data.run()] },
  { words: 'erp sync products --no-wait', schema: Started, value: data.erpStarted },
  { words: 'projects', schema: z.array(Project), value: data.projects },
  { words: 'accounts harbour', schema: z.array(Account), value: data.accounts },
  {
    words: 'account acc-1',
    schema: z.strictObject({ account: Account, growth: GrowthAnswer, snapshots: z.array(Snapshot) }),
  },
  { words: 'history acc-1', schema: z.array(HistoryEntry), value: data.history },
  { words: 'pin acc-1 likes', schema: Account },
  { words: 'unpin acc-1 likes', schema: Account },
  { words: 'runs', schema: z.array(Run), value: [data.run(), data.degraded] },
  { words: 'run 01RUN2', schema: Run, value: data.run() },
  { words: 'run 01RUN2 --watch', schema: Run, value: data.run() },
  { words: 'conflicts --sheets --all', schema: z.array(Conflict), value: [data.settled] },
  {
    words: 'conflicts --all',
    schema: z.strictObject({
      sheets: z.array(Conflict),
      collections: z.array(SyncConflict),
      problem: z.null(),
    }),
  },
  { words: 'conflicts --collection admins --all', schema: z.array(SyncConflict), value: [] },
  { words: 'sync --devices', schema: SyncOutcome },
  { words: 'logs --server', schema: z.array(SyncLog), value: [collections.log()] },
  { words: 'config', schema: SyncConfigView, value: collections.config },
  { words: 'config get maxRetries', schema: z.literal(3) },
  { words: 'config get --history', schema: z.array(ConfigChange), value: collections.configChanges },
  {
    words: 'config set batchSize=50',
    schema: SyncConfigView,
    value: { ...collections.config, batchSize: 50 },
  },
  { words: `resolve ${collections.ID} --strategy keep_remote`, schema: ResolveAnswer },
  { words: `resolve ${collections.ID} --strategy keep_remote --dry-run`, schema: PlanFile },
  { words: 'undo --run 01RUN2', schema: PlanAnswer },
  { words: 'undo --lane admins --version 118 --dry-run', schema: PlanFile },
  {
    words: 'why accounts acc-1 followers',
    schema: z.strictObject({
      table: z.string(),
      key: z.string(),
      deleted: z.null(),
      columns: z.tuple([z.looseObject({ column: z.literal('followers'), value: z.literal(1_200_000) })]),
    }),
  },
  { words: 'readings readings.json', schema: ReadingsAnswer },
  { words: 'sheets', schema: z.array(Sheet) },
  { words: 'sheets forecast', schema: SheetsForecast },
  { words: 'tokens', schema: z.array(Token), value: [data.token()] },
  { words: 'tokens list', schema: z.array(Token), value: [data.token()] },
  { words: 'tokens create x --role hook --out secret', schema: Token.omit({ secret: true }).strict() },
  { words: 'tokens revoke d4', schema: z.strictObject({ id: z.literal('d4'), revoked: z.literal(true) }) },
  { words: 'logout', schema: z.strictObject({ url: z.null(), path: z.string() }) },
]

/** Commands about files of a laptop, whose JSON test/stack/laptop.test.ts reads; `completion` prints for a shell. */
const FILES = ['pair', 'attach', 'detach', 'watch', 'doctor', 'completion']

/** Those that end with 1, or need files: the tests of collections read their JSON. */
const ELSEWHERE = ['auto-resolve', 'apply', 'backup', 'restore']

describe('--json', () => {
  it.each(COMMANDS)(
    '$words answers by its schema, and says nothing else',
    async ({ words, schema, value }) => {
      const { exit, out, err } = await here.run([...words.split(' '), '--json'], {
        env: { FORCE_COLOR: '1' },
      })
      expect({ exit, err }).toEqual({ exit: 0, err: '' })
      const answer: unknown = JSON.parse(out)
      schema.parse(answer)
      if (value) expect(answer).toEqual(value)
      expect(out).not.toMatch(new RegExp(`${TOKEN}|tm_new`))
    },
  )

  it('login answers who one is', async () => {
    const words = ['login', server.url, '--token-stdin', '--json']
    const { out } = await here.run(words, { stdin: TOKEN })
    session.parse(JSON.parse(out))
    expect(out).not.toContain(TOKEN)
  })

  it('has a test for every command', async () => {
    const { out } = await here.run(['--help'])
    const listed = [...out.matchAll(/^ {2}([\w-]+) .*$/gm)].map(([, name]) => name)
    const tested = new Set([
      'login',
      'help',
      ...FILES,
      ...ELSEWHERE,
      ...COMMANDS.map(({ words }) => words.split(' ')[0]),
    ])
    expect(listed.filter((name) => !tested.has(name))).toEqual([])
    expect(listed.length).toBeGreaterThan(15)
  })

  it('answers a failure as a problem, on stderr', async () => {
    const { exit, out, err } = await here.run(['runs', '--json'], { env: { TIDEMARK_TOKEN: 'wrong' } })
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(Problem.parse(JSON.parse(err))).toMatchObject({ status: 401, detail: 'The token is unknown.' })
  })
})
