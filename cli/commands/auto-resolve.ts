import { type Change, change, type How } from '../change.ts'
import { PLANNED_HELP, planned } from '../change-options.ts'
import type { Client } from '../client.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { wholeNumber } from '../options.ts'
import { number } from '../print.ts'
import type { AutoResolve } from '../proposal.ts'
import type { Paper } from '../terminal.ts'

export const autoResolve = command(
  (declared) =>
    planned(
      declared
        .name('auto-resolve')
        .summary('settle the conflicts that rules can settle')
        .description(
          'Goes through the open conflicts of collections, the oldest first. An edit younger than an hour is renamed; where the other row is gone, the edit stands; where the server is newer, the server stands. The others are left to a person, each with the reason.',
        )
        .option('--max <n>', 'how many conflicts at most', wholeNumber(1, 1_000), 10),
    ).addHelpText('after', EXAMPLES + PLANNED_HELP),
  async (context, { max, ...how }: How & { max: number }) => {
    const client = await context.connect()
    context.progress.say(`Resolving up to ${number(max)} conflicts`)
    return change(context, autoResolution(client, { max }), how)
  },
)

type Answer = Awaited<ReturnType<Client['collections']['autoResolve']>>

export const autoResolution = (client: Client, request: AutoResolve): Change<Answer> => ({
  type: 'auto-resolve',
  request,
  send: (how) => client.collections.autoResolve(request, how),
  after: summary,
  exit: ({ skipped, failed, resolved }) => {
    if (failed > 0 && resolved === 0) return EXIT.failed
    return skipped + failed > 0 ? EXIT.attention : EXIT.fine
  },
})

function summary({ resolved, skipped, failed, results, plans, dry_run }: Answer, { paint }: Paper): string[] {
  const said = new Set(plans.flatMap(({ skips }) => skips.map(({ about }) => about)))
  const reasons = results.filter(({ status, conflict_id }) => status !== 'resolved' && !said.has(conflict_id))
  return [
    ...reasons.map(
      ({ conflict_id, status, reason }) =>
        `  ${status === 'failed' ? paint.red('✗') : paint.yellow('!')} ${conflict_id} ${status}: ${reason}`,
    ),
    ...(resolved + skipped + failed === 0 ? ['No conflict is open.'] : []),
    `${paint.green('✓')} ${dry_run ? 'Would resolve' : 'Resolved'}: ${number(resolved)}`,
    `${skipped > 0 ? paint.yellow('!') : ' '} Skipped (a person must say): ${number(skipped)}`,
    `${failed > 0 ? paint.red('✗') : ' '} Failed: ${number(failed)}`,
    ...(resolved > 0 && !dry_run
      ? [paint.dim('  next: the devices hear of it with their next sync; at once: tidemark sync --devices')]
      : []),
  ]
}

const EXAMPLES = `
Examples:
  tidemark auto-resolve --dry-run
  tidemark auto-resolve --max 50
`
