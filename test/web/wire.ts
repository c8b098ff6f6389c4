import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The only way from the browser to a server: bytes go through it as they are, until it is cut. */
export interface Wire {
  readonly url: string
  /** Ends what is open and refuses what comes: a tunnel. */
  cut(): void
  mend(): void
  /** Requests arrive, and each connection ends at the first byte of its answer. */
  deafen(): void
  close(): Promise<void>
}

export async function startWire(to: () => URL): Promise<Wire> {
  let state: 'whole' | 'deaf' | 'cut' = 'whole'
  const open = new Set<Socket>()
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect(Number(to().port), to().hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
    }
    near.on('close', () => far.destroy())
    far.on('close', () => near.end())
    near.pipe(far)
    far.on('data', (bytes) => {
      if (state === 'deaf') near.destroy()
      else near.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hangUp = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      state = 'cut'
      hangUp()
    },
    mend() {
      state = 'whole'
    },
    deafen() {
      state = 'deaf'
    },
    async close() {
      hangUp()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
