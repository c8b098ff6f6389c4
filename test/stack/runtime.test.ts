import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { groupOf, processes } from '../runtime/processes.ts'
import { type Runtime, startRuntime } from '../runtime/runtime.ts'

// The runtime that all full-stack and crash tests stand on: what it promises about processes and state.

const folder = mkdtempSync(join(tmpdir(), 'tidemark-runtime-'))
const opened: Runtime[] = []
afterAll(async () => {
  for (const runtime of opened) await runtime.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: Parameters<typeof startRuntime>[0] = {}) {
  const runtime = await startRuntime(options)
  opened.push(runtime)
  return runtime
}

const remember = (runtime: Runtime, value: string) =>
  runtime.query(
    'INSERT INTO config (key, value, updated_at, updated_by) VALUES (?1, ?1, 0, ?2)',
    value,
    'test',
  )
const remembered = async (runtime: Runtime) =>
  (await runtime.query<{ key: string }>('SELECT key FROM config ORDER BY key')).map(({ key }) => key)

describe('the local runtime', () => {
  it('runs the gateway with its pages, and D1 with the migrations applied', async () => {
    const runtime = await start()
    const response = await fetch(new URL('/some/page/of/the/app', runtime.url))
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<html')
    expect(await remembered(runtime)).toEqual([])
    await runtime.stop()
  })

  it('keeps its state over stop and start, applying each migration once', async () => {
    const state = join(folder, 'kept')
    const first = await start({ state })
    await remember(first, 'before')
    await first.stop()
    const second = await start({ state })
    expect(await remembered(second)).toEqual(['before'])
    await second.stop()
  })

  it('keeps what was acknowledged when the whole group is killed', async () => {
    const state = join(folder, 'killed')
    let runtime = await start({ state })
    for (const round of ['one', 'two', 'three']) {
      await remember(runtime, round)
      const { pid } = runtime
      await runtime.kill()
      expect(groupOf(pid)).toEqual([])
      runtime = await start({ state })
    }
    expect(await remembered(runtime)).toEqual(['one', 'three', 'two'])
    await runtime.stop()
  })

  it('shares nothing between two runtimes', async () => {
    const [one, two] = await Promise.all([start(), start()])
    await remember(one, 'only here')
    expect(await remembered(two)).toEqual([])
    await Promise.all([one.stop(), two.stop()])
  })

  it('fires the cron of delta-check', async () => {
    const runtime = await start()
    expect(await runtime.cron()).toEqual({ outcome: 'ok' })
    await runtime.stop()
  })

  it('takes workerd along when the process that leads the group is killed alone', async () => {
    const runtime = await start()
    expect(groupOf(runtime.pid).map(({ command }) => command)).toContain('workerd')
    process.kill(runtime.pid, 'SIGKILL')
    await runtime.ended
    await runtime.kill()
    expect(groupOf(runtime.pid)).toEqual([])
    await expect(runtime.query('SELECT 1')).rejects.toThrow('the runtime has ended')
  })

  it('ends when the process that started it is killed', async () => {
    const script = join(folder, 'starts.ts')
    const source = new URL('../runtime/runtime.ts', import.meta.url).href
    writeFileSync(
      script,
      `const { startRuntime } = await import(${JSON.stringify(source)})
       const runtime = await startRuntime({ state: ${JSON.stringify(join(folder, 'orphan'))} })
       console.log(runtime.pid)
       setInterval(() => {}, 1000)`,
    )
    const starter: ChildProcess = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(starter, 'exit').then(() => [''])
    const [said] = await Promise.race([starter.stdout ? once(starter.stdout, 'data') : [], ended])
    const group = Number(String(said))
    expect(groupOf(group).length).toBeGreaterThan(1)
    starter.kill('SIGKILL')
    while (groupOf(group).length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(processes().filter((process) => process.group === group)).toEqual([])
  })
})
