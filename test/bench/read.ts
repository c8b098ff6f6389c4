import type { Account } from '../../sync/protocol/smart-sync.ts'
import { configure, startStack } from '../stack/stack.ts'
import { median, print } from './print.ts'

const ROUNDS = 100

/** Latency of reading one account and a project's list of 100 over HTTP, beside a request that reads nothing. */
export async function benchRead(): Promise<void> {
  const stack = await startStack()
  try {
    await configure(stack, 1, 100)
    await stack.call('POST', '/api/admin/smart_sync')
    const [account] = (await stack.call<Account[]>('GET', '/api/projects/p1/accounts')).body
    const paths = {
      'nothing (the floor)': '/api/health',
      'who am I (one D1 query: the token)': '/api/session',
      'one account': `/api/accounts/${account?.id}`,
      'a project of 100 accounts': '/api/projects/p1/accounts',
    }
    const times = new Map(Object.keys(paths).map((name) => [name, [] as number[]]))
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, path] of Object.entries(paths)) {
        const start = performance.now()
        await stack.call('GET', path)
        // The first rounds warm the isolates up.
        if (round >= ROUNDS / 10) times.get(name)?.push(performance.now() - start)
      }
    const floor = median(times.get('nothing (the floor)') ?? [])
    print(
      'reads over HTTP through gateway and push-pull, median',
      [...times].map(([name, all]) => {
        const ms = median(all)
        return [name, `${ms.toFixed(2)} ms`, `${(ms / floor).toFixed(1)} × the floor`]
      }),
    )
  } finally {
    await stack.close()
  }
}
