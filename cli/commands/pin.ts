import { Argument } from 'commander'
import { MetricName, MetricValue } from '../../sync/protocol/smart-sync.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { refusal } from '../failure.ts'
import { idArgument } from '../options.ts'
import { untilOf } from '../until.ts'
import { pinInWords } from './account.ts'

export const metricArgument = () => new Argument('<metric>', 'what to fix').choices(MetricName.options)

export const pin = command(
  (declared) =>
    declared
      .name('pin')
      .summary('fix a metric at a value, whatever sheet and parsers say')
      .addArgument(idArgument('account', 'id of an account'))
      .addArgument(metricArgument())
      .argument('[value]', 'a whole number; without it, what the metric is now')
      .option('--note <text>', 'why', '')
      .option(
        '--until <when>',
        'when the pin ends: 2026-12-31, 2026-12-31T18:00:00Z, or a time from now like 12h, 7d, 2w',
      ),
  async (
    context,
    id: string,
    metric: MetricName,
    value: string | undefined,
    { note, until }: { note: string; until?: string },
  ) => {
    const input = {
      note,
      ...(value === undefined ? {} : { value: wholeNumber(value) }),
      ...(until === undefined ? {} : { until: untilOf(until, context.surroundings.now()) }),
    }
    const client = await context.connect()
    context.show(await client.pin(id, metric, input), (account, paper) =>
      account.pins.filter(({ column }) => column === metric).map((made) => pinInWords(made, paper)),
    )
    return EXIT.fine
  },
)

/** Separators mean other things in other countries, so none is accepted. */
function wholeNumber(text: string): number {
  const value = MetricValue.safeParse(/^\d+$/.test(text) ? Number(text) : Number.NaN)
  if (value.success) return value.data
  throw refusal('bad_value', {
    title: 'Not a count',
    detail: `A metric is pinned to a whole number, not to ${JSON.stringify(text)}.`,
    mend: 'Write it in digits alone, like 12500.',
  })
}
