import pc from 'picocolors'

/** Says what is being done while it is done, and how long it took. */
export async function step<T>(doing: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(1)} s`
  const turning = process.stdout.isTTY
    ? setInterval(() => process.stdout.write(`\r  ${pc.dim('·')} ${doing} ${pc.dim(seconds())}`), 100)
    : undefined
  const line = (mark: string) =>
    console.log(`${turning ? '\r' : ''}  ${mark} ${doing.padEnd(WIDTH)} ${pc.dim(seconds())}`)
  try {
    const result = await work()
    line(pc.green('✓'))
    return result
  } catch (error) {
    line(pc.red('✗'))
    throw error
  } finally {
    clearInterval(turning)
  }
}

const WIDTH = 44
