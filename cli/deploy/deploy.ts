import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import pc from 'picocolors'
import { deploy, describe } from './apply.ts'
import { build } from './build.ts'
import { ENVIRONMENTS, type Environment, inEnvironment } from './environment.ts'
import { plan } from './plan.ts'
import type { Ask } from './secrets.ts'
import { CODE_MINUTES } from './sign-in.ts'
import { ROOT, readWorkers, type WorkerConfig } from './workers.ts'
import { wrangler } from './wrangler.ts'

// npm run deploy -- [--env staging|production] [--dry-run] [--sign-in]

async function main() {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', default: 'production' },
      'dry-run': { type: 'boolean', default: false },
      'sign-in': { type: 'boolean', default: false },
    },
  })
  const environment = ENVIRONMENTS.find((name) => name === values.env)
  if (!environment) throw new Error(`--env takes ${ENVIRONMENTS.join(' or ')}, not ${values.env}.`)
  const workers = inEnvironment(readWorkers(), environment)
  const folder = join(ROOT, '.wrangler/tidemark', environment)
  return values['dry-run']
    ? await rehearse(workers, environment, folder)
    : await forReal(workers, folder, values['sign-in'])
}

/** Builds everything and says what a first deployment would do. Asks nobody, needs no network. */
async function rehearse(workers: readonly WorkerConfig[], environment: Environment, folder: string) {
  const built = await build(wrangler, workers, folder)
  const steps = plan(workers, {}, { databases: [], queues: [], buckets: [], workers: {} })
  console.log(`On an account that holds nothing of ${environment} yet, this would be done:\n`)
  for (const [n, step] of steps.entries()) console.log(`  ${String(n + 1).padStart(2)}. ${describe(step)}`)
  console.log('\nWhat is there already would be kept. Sizes, gzipped:\n')
  for (const { name, gzip } of built) {
    console.log(`  ${name.padEnd(32)} ${(gzip / 1024).toFixed(1).padStart(7)} KB`)
  }
  console.log('\nNothing was deployed (--dry-run).')
}

async function forReal(workers: readonly WorkerConfig[], folder: string, signIn: boolean) {
  await logIn()
  const deployed = await deploy({
    workers,
    folder,
    wrangler,
    secrets: { env: process.env, ask: terminal() },
    say: (line) => console.log(`${pc.dim('·')} ${line}`),
    now: Date.now,
    signIn,
  })
  const url = deployed.url ?? '(its address is in the Cloudflare dashboard, under Workers)'
  console.log(`\nTidemark is at ${pc.bold(url)}`)
  if (deployed.code) {
    console.log(`Sign in within ${CODE_MINUTES} minutes; the link works once:`)
    console.log(`  ${pc.cyan(`${deployed.url ?? ''}/#code=${deployed.code}`)}`)
  } else console.log('A new sign-in link: npm run deploy -- --sign-in')
}

async function logIn() {
  if ((await wrangler(['whoami', '--json'])).code === 0) return
  if (!process.stdin.isTTY) {
    throw new Error('Not signed in to Cloudflare: set CLOUDFLARE_API_TOKEN, or run this in a terminal.')
  }
  console.log('Signing in to Cloudflare')
  if ((await wrangler(['login'], { inherit: true })).code !== 0)
    throw new Error('Not signed in to Cloudflare.')
}

function terminal(): Ask {
  if (!process.stdin.isTTY) return null
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    try {
      return await lines.question(question)
    } finally {
      lines.close()
    }
  }
}

main().catch((error: Error) => {
  console.error(`\n${pc.red('Not deployed.')} ${error.message}`)
  process.exitCode = 1
})
