import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deploy } from '../../cli/deploy/apply.ts'
import { type Environment, inEnvironment } from '../../cli/deploy/environment.ts'
import type { SecretSources } from '../../cli/deploy/secrets.ts'
import { readWorkers } from '../../cli/deploy/workers.ts'
import { seal, unseal } from '../../workers/shared/seal.ts'
import { createAccount } from './account.ts'

const google = { GOOGLE_CLIENT_EMAIL: 'bot@project.iam.gserviceaccount.com', GOOGLE_PRIVATE_KEY: 'a key' }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function deployTo(
  account: ReturnType<typeof createAccount>,
  { environment = 'production', env = google, ask = null, signIn = false }: Partial<Options> = {},
) {
  return deploy({
    workers: inEnvironment(readWorkers(), environment),
    folder,
    wrangler: account.wrangler,
    secrets: { env, ask },
    say: () => undefined,
    now: () => 1_000,
    signIn,
  })
}
type Options = {
  environment: Environment
  env: Record<string, string>
  ask: SecretSources['ask']
  signIn: boolean
}

const secretsOf = (account: ReturnType<typeof createAccount>, worker: string) =>
  [...(account.workers.get(`tidemark-${worker}`)?.secrets.keys() ?? [])].sort()
const erpKey = (account: ReturnType<typeof createAccount>, worker: string) =>
  account.workers.get(`tidemark-${worker}`)?.secrets.get('ERP_KEY')

describe('a first deployment', () => {
  it('makes what the Workers are bound to, then the Workers, each after those it calls', async () => {
    const account = createAccount()
    await deployTo(account)
    expect(account.changes).toEqual([
      'd1 create tidemark',
      'r2 bucket create tidemark-images',
      'queues create tidemark-events',
      'queues create tidemark-events-dead',
      'queues create tidemark-images',
      'queues create tidemark-due',
      'deploy tidemark-coordinator',
      'deploy tidemark-smart-sync',
      'deploy tidemark-push-pull',
      'deploy tidemark-delta-check',
      'deploy tidemark-gateway',
    ])
  })

  it('gives each Worker its secrets and generates those that are ours to make', async () => {
    const account = createAccount()
    await deployTo(account)
    expect(secretsOf(account, 'coordinator')).toEqual([...Object.keys(google), 'ERP_KEY'].sort())
    expect(secretsOf(account, 'smart-sync')).toEqual(['ERP_KEY', 'WEBHOOK_KEY'])
    expect(secretsOf(account, 'gateway')).toEqual([])
  })

  it('gives who seals passwords and who opens them the same key, one that can seal', async () => {
    const account = createAccount()
    await deployTo(account)
    const [key, other] = ['coordinator', 'smart-sync'].map((name) => erpKey(account, name))
    expect(other).toBe(key)
    expect(await unseal(key ?? '', await seal(other ?? '', 'word'))).toBe('word')
    expect(account.workers.get('tidemark-smart-sync')?.secrets.get('WEBHOOK_KEY')).not.toBe(key)
  })

  it('answers the address and a sign-in code whose hash alone is stored', async () => {
    const account = createAccount()
    const { url, code } = await deployTo(account)
    expect(url).toBe('https://tidemark-gateway.example.workers.dev')
    expect(code).toMatch(/^[\w-]{43}$/)
    expect(account.statements).toHaveLength(1)
    expect(account.statements[0]).not.toContain(code)
    expect(account.statements[0]).toContain(`'code', 1000, ${1_000 + 600_000}`)
  })

  it('leaves no secret on disk', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tidemark-deploy-'))
    await deployTo(createAccount())
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tidemark-deploy-'))).toEqual(before)
  })
})

describe('a repeated deployment', () => {
  it('changes nothing, and still knows the address', async () => {
    const account = createAccount()
    await deployTo(account)
    account.signUp()
    account.changes.length = 0
    const again = await deployTo(account)
    expect(account.changes).toEqual([])
    expect(again.url).toBe('https://tidemark-gateway.example.workers.dev')
    expect(again.code).toBeNull()
  })

  it('deploys the Workers again when their content has changed, with the secrets that they have', async () => {
    const account = createAccount()
    await deployTo(account)
    account.changes.length = 0
    account.source.text = 'second'
    await deployTo(account, { env: {} })
    expect(account.changes.every((change) => change.startsWith('deploy '))).toBe(true)
    expect(account.changes).toHaveLength(5)
  })

  it('finishes one that broke off in the middle', async () => {
    const account = createAccount()
    account.refusals.push((line) =>
      line.startsWith('deploy --config') && line.includes('push-pull') ? 'no answer' : undefined,
    )
    await expect(deployTo(account)).rejects.toThrow('Deploying tidemark-push-pull:\nno answer')
    account.refusals.length = 0
    account.changes.length = 0
    await deployTo(account)
    expect(account.changes).toEqual([
      'deploy tidemark-push-pull',
      'deploy tidemark-delta-check',
      'deploy tidemark-gateway',
    ])
  })

  it('that broke off between two Workers with one key gives both the same one in the end', async () => {
    const account = createAccount()
    account.refusals.push((line) =>
      line.startsWith('deploy --config') && line.includes('smart-sync') ? 'no answer' : undefined,
    )
    await expect(deployTo(account)).rejects.toThrow('Deploying tidemark-smart-sync')
    const first = erpKey(account, 'coordinator')
    expect(first).toBeDefined()
    account.refusals.length = 0
    await deployTo(account)
    expect(erpKey(account, 'smart-sync')).toBe(erpKey(account, 'coordinator'))
    const kept = erpKey(account, 'coordinator')
    account.source.text = 'second'
    await deployTo(account, { env: {} })
    expect(erpKey(account, 'coordinator')).toBe(kept)
  })

  it('makes a sign-in code for one who asks, though somebody can sign in', async () => {
    const account = createAccount()
    await deployTo(account)
    account.signUp()
    expect((await deployTo(account, { signIn: true })).code).not.toBeNull()
  })
})

describe('what is missing', () => {
  it('changes nothing when a required secret is missing and nobody can be asked', async () => {
    const account = createAccount()
    await expect(deployTo(account, { env: {} })).rejects.toThrow(
      'GOOGLE_CLIENT_EMAIL, GOOGLE_PRIVATE_KEY are missing',
    )
    expect(account.changes).toEqual([])
  })

  it('asks a person for them, once, and takes a no for the optional one', async () => {
    const account = createAccount()
    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return question.startsWith('Path') ? join(import.meta.dirname, 'service-account.json') : ''
    }
    await deployTo(account, { env: {}, ask })
    expect(questions.map((question) => question.split(' ')[0])).toEqual([
      'Path',
      'YOUTUBE_API_KEY',
      'ERP_ORIGIN',
    ])
    expect(secretsOf(account, 'coordinator')).toEqual([...Object.keys(google), 'ERP_KEY'].sort())
    questions.length = 0
    account.source.text = 'second'
    await deployTo(account, { env: {}, ask })
    expect(questions).toEqual([])
  })

  it('changes nothing when the account can be read only in part', async () => {
    const account = createAccount()
    account.refusals.push((line) => (line.startsWith('secret list') ? 'Authentication error' : undefined))
    await expect(deployTo(account)).rejects.toThrow('Authentication error')
    expect(account.changes).toEqual([])
  })
})

describe('staging', () => {
  it('shares no name with production', async () => {
    const account = createAccount()
    await deployTo(account)
    account.changes.length = 0
    await deployTo(account, { environment: 'staging' })
    expect(account.changes).toEqual([
      'd1 create tidemark-staging',
      'r2 bucket create tidemark-images-staging',
      'queues create tidemark-events-staging',
      'queues create tidemark-events-dead-staging',
      'queues create tidemark-images-staging',
      'queues create tidemark-due-staging',
      'deploy tidemark-coordinator-staging',
      'deploy tidemark-smart-sync-staging',
      'deploy tidemark-push-pull-staging',
      'deploy tidemark-delta-check-staging',
      'deploy tidemark-gateway-staging',
    ])
  })

  it('has every binding that production has, under the same binding names', () => {
    const [production, staging] = (['production', 'staging'] as const).map((environment) =>
      JSON.stringify(inEnvironment(readWorkers(), environment)),
    )
    expect(staging?.replaceAll('-staging', '').replace('"8788"', '"8787"')).toBe(production)
  })
})
