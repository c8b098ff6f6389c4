import { hostname } from 'node:os'
import { text } from 'node:stream/consumers'
import { ask } from '../ask.ts'
import type { Context } from '../command.ts'
import { command } from '../command.ts'
import { addressOf, writeStored } from '../config.ts'
import { EXIT, type Exit } from '../exit.ts'
import { refusal } from '../failure.ts'
import type { Surroundings } from '../terminal.ts'

export const login = command(
  (declared) =>
    declared
      .name('login')
      .summary('sign this machine in')
      .description(
        'Signs this machine in to the Tidemark at URL, which may be a sign-in link. Without a code it asks for an API token.',
      )
      .argument('<url>', 'address of a Tidemark, or a sign-in link from it')
      .option('--code <code>', 'pair by a code, which works once')
      .option('--token-stdin', 'read the token from stdin')
      .option('--name <name>', 'what this machine is called in the list of tokens', hostname()),
  signIn,
)

/** The same in words of pairing. */
export const pair = command(
  (declared) =>
    declared
      .name('pair')
      .summary('pair this laptop by a link or code from the page')
      .description(
        'Pairs this laptop with the Tidemark at URL, which may be the link that its page or its QR code shows; what is missing is asked for. Pairing again keeps attached files and what they have not sent.',
      )
      .argument('[url]', 'the link from the page, or the address of a Tidemark with --code')
      .option('--code <code>', 'the code that the page shows; it works once')
      .option('--name <name>', 'what this laptop is called in the list of tokens', hostname())
      .addHelpText('after', '\nExample:\n  tidemark pair https://tidemark.example.com --code ABCDE-FGHJK'),
  async (context, given: string | undefined, options: Omit<Given, 'tokenStdin'>) => {
    const { surroundings } = context
    const address = given ?? (await askFor(surroundings, 'Link from the page, or address of a Tidemark: '))
    const code = options.code ?? addressOf(address).code ?? (await askFor(surroundings, 'Pairing code: '))
    return signIn(context, address, { ...options, code })
  },
)

async function askFor(surroundings: Surroundings, question: string): Promise<string> {
  const said = (await ask(surroundings, question, 'shown'))?.trim() ?? ''
  if (said !== '') return said
  throw refusal('no_code', {
    title: 'Nothing to pair with',
    detail: 'Pairing takes the link that the page shows, or an address and a code.',
    mend: 'Run: tidemark pair URL --code CODE',
  })
}

interface Given {
  readonly code?: string
  readonly tokenStdin?: true
  readonly name: string
}

async function signIn(context: Context, address: string, options: Given): Promise<Exit> {
  const { url, code = options.code } = addressOf(address)
  if (code && options.tokenStdin) throw twoSecrets()
  warnOfPlainHttp(context, url)
  const token = code
    ? (await context.clientOf(url, null).pair(code, options.name)).token
    : await tokenFrom(context, url, options.tokenStdin)
  const session = await context.clientOf(url, token).session()
  const path = await writeStored(context.surroundings.env, { url, token })
  context.show({ url, ...session }, ({ name, role }, { paint }) => [
    `${paint.green('✓')} Signed in to ${paint.bold(url)} as ${paint.bold(name)} (${role})`,
    paint.dim(`  kept in ${path}`),
  ])
  const { env } = context.surroundings
  if (env.TIDEMARK_URL || env.TIDEMARK_TOKEN)
    context.note(({ paint }) => paint.yellow('! TIDEMARK_URL and TIDEMARK_TOKEN are set, and win over this.'))
  return EXIT.fine
}

const twoSecrets = () =>
  refusal('two_secrets', {
    title: 'A code and a token',
    detail: 'The code would be used up, and the token on stdin forgotten.',
    mend: 'Give one of them.',
  })

async function tokenFrom(context: Context, url: string, fromStdin: true | undefined): Promise<string> {
  const { surroundings } = context
  const token = fromStdin ? await text(surroundings.stdin) : await ask(surroundings, `API token for ${url}: `)
  const trimmed = token?.trim() ?? ''
  // What a header can't carry is no token, and an error about the header would print it.
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed
  throw refusal('no_token', {
    title: 'No token',
    detail:
      token === null
        ? 'There is no terminal to ask for a token.'
        : trimmed === ''
          ? 'The token is empty.'
          : 'A token is one word of plain characters.',
    mend: 'Give it on stdin with --token-stdin, or use --code.',
  })
}

function warnOfPlainHttp(context: Context, url: string) {
  const { protocol, hostname: host } = new URL(url)
  if (protocol === 'https:' || host === 'localhost' || host.startsWith('127.') || host === '[::1]') return
  context.note(({ paint }) =>
    paint.yellow(`! ${url} is not encrypted: others on the way can read the token.`),
  )
}
