import type { Run } from '../sync/protocol/runs.ts'
import type { Client } from './client.ts'
import type { Context } from './command.ts'
import type { Server } from './config.ts'
import { clean } from './failure.ts'
import { follow } from './follow.ts'
import { listenTo } from './live.ts'
import { stateOf } from './run-words.ts'

/** Follows runs to their end, showing how they move. */
export function watch(
  { progress, wait }: Context,
  client: Client & { readonly server: Server },
  ids: readonly string[],
): Promise<Run[]> {
  progress.say('Asking how it goes')
  return follow(ids, {
    read: client.run,
    wait,
    listen: listenTo(client.server),
    moved: (runs) => progress.say(runs.map((run) => clean(`${run.scope}: ${stateOf(run)}`)).join('; ')),
  })
}
