import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ROOT } from '../../cli/deploy/workers.ts'
import { groupOf, treeOf } from '../runtime/processes.ts'

/** An npm script as a process, in a group of its own as a terminal would run it. */
export type Script = {
  pid: number
  /** All that it printed so far */
  output(): string
  /** Settles with the first match of the pattern in its output; fails when the script ends before */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** What a person types */
  type(text: string): void
  /** Ctrl-C: SIGINT to everyone in the group; settles when npm has gone and nobody holds its output open */
  interrupt(): Promise<void>
  exit: Promise<number | null>
  /** Everything that it started, wherever in the process table it has gone */
  tree(): number[]
  /** SIGKILL to all of that, for the end of a test that failed */
  end(): void
}

export function npm(args: readonly string[], env: Record<string, string>): Script {
  // Inside npm the path of its own script is known; outside, npm is on the PATH.
  const cli = process.env.npm_execpath
  const [command, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
  const child: ChildProcess = spawn(command ?? 'npm', [...first, ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env, NODE_ENV: '' },
  })
  const pid = child.pid ?? 0
  let output = ''
  const heard = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      output += text
      for (const listener of heard) listener()
    })
  }
  const exit = once(child, 'close').then(([code]) => code as number | null)

  return {
    pid,
    output: () => output,
    async says(pattern) {
      const match = () => pattern.exec(output)
      let listener = () => undefined as unknown
      const said = new Promise<RegExpExecArray>((resolve) => {
        listener = () => {
          const found = match()
          if (found) resolve(found)
        }
        heard.add(listener)
        listener()
      })
      const ended = exit.then((code) => {
        throw new Error(`npm ${args.join(' ')} ended with ${code} before it said ${pattern}:\n${output}`)
      })
      ended.catch(() => undefined)
      return Promise.race([said, ended]).finally(() => heard.delete(listener))
    },
    type(text) {
      child.stdin?.write(text)
    },
    async interrupt() {
      process.kill(-pid, 'SIGINT')
      await exit
    },
    exit,
    tree: () => [...treeOf(pid), ...groupOf(pid)].map((process) => process.pid),
    end() {
      for (const member of this.tree()) {
        try {
          process.kill(member, 'SIGKILL')
        } catch {
          // It has ended meanwhile.
        }
      }
    },
  }
}

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
