import { createServer } from 'node:net'

/** True when nobody listens there, neither at IPv4's localhost nor at IPv6's: a browser may try either. */
export async function isFree(port: number): Promise<boolean> {
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => canListen(port, host)))
  return answers.every((answer) => answer !== 'EADDRINUSE' && answer !== 'EACCES')
}

function canListen(port: number, host: string): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    server.listen(port, host, () => server.close(() => resolve('free')))
  })
}
