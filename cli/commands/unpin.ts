import type { MetricName } from '../../sync/protocol/smart-sync.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { idArgument } from '../options.ts'
import { number } from '../print.ts'
import { nameOf } from '../words.ts'
import { metricArgument } from './pin.ts'

export const unpin = command(
  (declared) =>
    declared
      .name('unpin')
      .summary('release a pin, so that the metric follows sheet and parsers again')
      .addArgument(idArgument('account', 'id of an account'))
      .addArgument(metricArgument()),
  async (context, id: string, metric: MetricName) => {
    const client = await context.connect()
    context.show(await client.unpin(id, metric), (account, { paint }) => [
      `Released ${metric} of ${nameOf(account)}, now ${paint.bold(number(account[metric]))}: the next sync merges it again.`,
    ])
    return EXIT.fine
  },
)
