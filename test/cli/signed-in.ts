import { afterAll, beforeEach } from 'vitest'
import { type FakeServer, startFake } from './fake-server.ts'
import { type Machine, machine } from './run-cli.ts'

/** A fake server, and a machine that is signed in to it, for a file of tests: each finds the answers as they were. */
export async function signedIn(): Promise<{ readonly server: FakeServer; readonly here: Machine }> {
  const server = await startFake()
  const here = machine(server)
  const answers = { ...server.answers }
  beforeEach(() => {
    Object.assign(server.answers, answers)
    server.calls.length = 0
  })
  afterAll(async () => {
    here.remove()
    await server.close()
  })
  return { server, here }
}
