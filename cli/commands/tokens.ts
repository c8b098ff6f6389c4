import { Command, Option } from 'commander'
import { Actor, type Role } from '../../sync/protocol/common.ts'
import type { Token } from '../../sync/protocol/records.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { refusal } from '../failure.ts'
import { idArgument } from '../options.ts'
import { relative, table } from '../print.ts'
import { secretFile } from '../secret-file.ts'
import type { Paper } from '../terminal.ts'
import { untilOf } from '../until.ts'

const list = command(
  (declared) =>
    declared
      .name('list')
      .summary('tokens that are valid')
      .option('--all', 'those that were revoked or have expired too'),
  async (context, { all }: { all?: true }) => {
    const client = await context.connect()
    const now = context.surroundings.now()
    const found = await client.tokens()
    context.show(all ? found : found.filter((token) => stateOf(token, now) === 'valid'), inWords)
    return EXIT.fine
  },
)

interface Wanted {
  readonly role: Role
  readonly user?: string
  readonly until?: string
  readonly out: string
}

const create = command(
  (declared) =>
    declared
      .name('create')
      .summary('make a token')
      .description('Makes a token. It is shown nowhere: --out says which file gets it.')
      .argument('<name>', 'whose or what it is for, as the list will show it')
      .addOption(
        new Option('--role <role>', 'what it may do').choices(Actor.shape.role.options).makeOptionMandatory(),
      )
      .option('--user <id>', 'whose rows it may see; needed for users and devices')
      .option('--until <when>', 'when it ends, like 2026-12-31 or 30d; without it, when it is revoked')
      .requiredOption('--out <file>', 'a new file for the token, readable by you alone; - for stdout'),
  async (context, name: string, { role, user, until, out }: Wanted) => {
    if (out === '-' && context.json) throw twoAnswers()
    const expires_at = until === undefined ? null : untilOf(until, context.surroundings.now())
    const wanted = { name, role, user_id: user ?? null, expires_at }
    const client = await context.connect()
    const file = await secretFile(out, context.surroundings.stdout)
    const { secret, ...token } = await file.orRemove(client.createToken(wanted))
    await file.write(secret)
    if (out !== '-')
      context.show(token, (made, { paint }) => [
        `${paint.green('✓')} Token ${paint.bold(made.name)} (${made.role}) is in ${out}  ${paint.dim(made.id)}`,
      ])
    return EXIT.fine
  },
)

const revoke = command(
  (declared) =>
    declared
      .name('revoke')
      .summary('end a token; its live connections are closed')
      .addArgument(idArgument('id', 'id of a token')),
  async (context, id: string) => {
    const client = await context.connect()
    await client.revokeToken(id)
    context.show({ id, revoked: true }, () => [`Revoked ${id}.`])
    return EXIT.fine
  },
)

export const tokens = (...wiring: Parameters<typeof list>) =>
  new Command('tokens')
    .summary('who may come in: list, create, revoke (for admins)')
    .addCommand(list(...wiring), { isDefault: true })
    .addCommand(create(...wiring))
    .addCommand(revoke(...wiring))

function stateOf({ revoked_at, expires_at }: Token, now: number): 'valid' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked'
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'valid'
}

function inWords(rows: readonly Token[], paper: Paper): string[] {
  if (rows.length === 0) return ['No tokens.']
  const { paint, now } = paper
  return table<Token>(
    [
      { title: 'name', cell: ({ name }) => name, shrinks: true, paint: paint.bold },
      { title: 'role', cell: ({ role }) => role },
      { title: 'user', cell: ({ user_id }) => user_id ?? '' },
      { title: 'kind', cell: ({ kind }) => kind },
      {
        title: 'last used',
        cell: ({ last_used_at }) => (last_used_at ? relative(last_used_at, now) : 'never'),
      },
      { title: 'made', cell: ({ created_at }) => relative(created_at, now) },
      { title: 'ends', cell: ({ expires_at }) => (expires_at ? relative(expires_at, now) : '') },
      { title: '', cell: (token) => (stateOf(token, now) === 'revoked' ? 'revoked' : ''), paint: paint.red },
      { title: 'id', cell: ({ id }) => id, paint: paint.dim },
    ],
    rows,
    paper,
  )
}

const twoAnswers = () =>
  refusal('two_answers', {
    title: 'Two answers on one stdout',
    detail: '--out - writes the token to stdout, and --json the answer.',
    mend: 'Name a file, or leave --json out.',
  })
