import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import pc from 'picocolors'
import { CODE_MINUTES, insertToken, signInCode } from '../../cli/deploy/sign-in.ts'
import type { Run } from '../../sync/protocol/runs.ts'
import type { SmartSyncAnswer } from '../../sync/protocol/smart-sync.ts'
import { bundles } from '../runtime/bundles.ts'
import { page } from '../runtime/page.ts'
import { type Runtime, startRuntime } from '../runtime/runtime.ts'
import { admit, varsFor } from '../runtime/wiring.ts'
import { hostOf, isOpen, nameOf, ownNameOf } from './address.ts'
import { startBot } from './bot.ts'
import { type Emulators, startEmulators } from './emulators.ts'
import { type DemoErp, startErp } from './erp.ts'
import { HOME, leaveHome, PATHS, takeHome } from './home.ts'
import { keys } from './keys.ts'
import { type Laptop, startLaptop } from './laptop.ts'
import { givePast } from './past.ts'
import { isFree } from './ports.ts'
import { type Product, product } from './product.ts'
import type { Program } from './program.ts'
import { step } from './progress.ts'
import { qrLines } from './qr.ts'
import { REFERENCE_TABS } from './reference-tabs.ts'
import { type Shop, startShop } from './shop.ts'
import { fillSite } from './site.ts'
import { WORKSPACE } from './workbook.ts'

// npm start: the five real Workers with demo data, emulated Google and ERP, a laptop's file, and the real cron. PORT and
// `--host` (or HOST) choose where; TIDEMARK_HOME where the state is kept.

const PORT = Number(process.env.PORT ?? 8787)
const HOST = hostOf(process.argv.slice(2), process.env.HOST)
const CRON_MS = 30 * 60_000

let runtime: Runtime | undefined
let emulators: Emulators | undefined
let erp: DemoErp | undefined
let shop: Shop | undefined
let laptop: Laptop | undefined
let bot: Program | undefined

async function main() {
  const log = createWriteStream(PATHS.log, { flags: 'a' })
  const own = keys()
  console.log(`\n${pc.bold('Tidemark')} starts, with demo data and emulators of Google, YouTube and an ERP\n`)
  await step('Building the page', page)
  await step('Building the five Workers', () => bundles())
  emulators = await step('Starting emulated Google and YouTube', () => startEmulators(own, PORT + 1))
  const google = emulators
  erp = await step('Starting the emulated ERP', () => startErp(PORT + 2))
  const { url: erpUrl } = erp
  shop = await startShop(HOST, nameOf(HOST), PORT + 3)
  const { origin } = shop
  const five = await step('Starting the five Workers', () =>
    startRuntime({
      state: PATHS.state,
      host: HOST,
      port: PORT,
      vars: varsFor({ ...own, origin: google.url, erpOrigin: erpUrl }),
      onLog: ({ at, level, message }) => log.write(`${new Date(at).toISOString()} ${level} ${message}\n`),
    }),
  )
  runtime = five
  void five.ended.then(() => leave(`The Workers' runtime has ended; ${PATHS.log} may say why.`))

  const api = product(five.url, own.adminToken)
  await admit(five, own.adminToken)
  await step('Configuring projects and users of the ERP', () => api.configure(google.url))
  laptop = await step('Attaching the laptop’s file', () =>
    startLaptop(`http://${ownNameOf(HOST)}:${PORT}`, () => api.pairingCode('demo laptop'), origin),
  )
  const before = google.calls()
  const began = performance.now()
  const answer = await step('Syncing', api.sync)
  showSync(answer, { ms: performance.now() - began, calls: google.calls() - before })
  showReference(await step('Syncing the reference tables', api.syncReference))
  google.install(WORKSPACE.spreadsheet_id, await api.script())
  bot = await step('Starting the bot that reads them', () => startBot(five.url, api.botToken))
  if (google.fresh) {
    await step('Remembering two months of growth', () => givePast(five))
    await step('Handing in what parsers found', () => api.report(new Date()))
    await step('Two copies of a site meet after two days', () =>
      fillSite(five.url, api.pairingCode, new Date()),
    )
  }

  // Asks the ERP's lists too: their runs take some minutes, and nobody waits for them here.
  await step('Running the cron once', () => five.cron())
  runCron(five, CRON_MS)
  showAddresses(google.url, erpUrl)
  const showLinks = async () => {
    await showLink(five)
    await showPairing(api)
  }
  await showLinks()
  createInterface({ input: process.stdin }).on('line', () => void showLinks())
}

/** The cron of delta-check, at the same minutes as Cloudflare would run it. */
function runCron(five: Runtime, every: number) {
  setTimeout(
    () => {
      five.cron().catch((error: Error) => console.log(`  The cron could not run: ${error.message}`))
      runCron(five, every)
    },
    every - (Date.now() % every),
  ).unref()
}

function showSync(answer: SmartSyncAnswer | null, { ms, calls }: { ms: number; calls: number }) {
  if (!answer) return console.log('\n  The sync goes on; the page shows it.\n')
  const { success_count, total_projects } = answer
  const took = `${(ms / 1_000).toFixed(1)} s, ${calls} ${calls === 1 ? 'call' : 'calls'} to Google`
  console.log(
    `\n  ${pc.bold(`Synced ${success_count} of ${total_projects} projects`)} ${pc.dim(`(${took})`)}\n`,
  )
  for (const result of answer.results) {
    const counts = `${result.total_accounts} accounts, ${result.updated_count} updated`
    console.log(`    ${result.project_name.padEnd(22)} ${counts}`)
    if (result.error) console.log(`      ${pc.red(result.error)}`)
    for (const { where, raw, message } of result.warnings) {
      const place = [where, raw === undefined ? undefined : JSON.stringify(raw)].filter(Boolean).join(' ')
      console.log(pc.yellow(`      ${place ? `${place}: ` : ''}${message}`))
    }
  }
  console.log('')
}

function showReference(run: Run | null) {
  if (!run) return console.log('\n  The sync of the reference tables goes on; the page shows it.\n')
  console.log('')
  for (const { name, rows, reason } of run.report.parts)
    console.log(`    ${name.padEnd(22)} ${rows} rows${reason === undefined ? '' : `: ${pc.red(reason)}`}`)
  console.log('')
}

function showAddresses(google: string, erpPage: string) {
  console.log(`
  Tidemark    ${pc.bold(address())}
  The sheet   ${google}/spreadsheets/d/${WORKSPACE.spreadsheet_id}
  The ERP     ${erpPage}/
  Wages       ${google}/spreadsheets/d/${WORKSPACE.spreadsheet_id}?tab=${REFERENCE_TABS[0]?.sheetId}, kept in step both ways
              tail -f ${PATHS.botLog} shows a bot that reads them, and now and then sets one
  Review      ${address()}review
  The laptop  ${PATHS.laptopFile}
              npm run laptop -- status   (or sync, conflicts, doctor, logs: the real command, as this laptop)
              sqlite3 ${PATHS.laptopFile} "SELECT title, modesty_status FROM products"
  API docs    ${address()}docs
  Logs        ${PATHS.log}
  Stop        Ctrl-C; the next start goes on from here, and npm run reset forgets it all

  To try      Open ERP in the console: it reads customers, products, prices and orders page by page.
              Make an order there meanwhile: the run pauses at its next page, and goes on after it.
              Change a price on the ERP's own page, then start Prices: one page is merged, one change noted.
              Set how long the ERP takes for an answer there, and see each call as it comes.
              Open Sheets in the console, and edit a wage in the grid page: it is here within seconds, and the bot has it.
              Sort the rows there, insert one, empty the tab: no row is lost, and what a guard holds is asked in Sheets.
              Sign in, then open Review, best on a phone: twenty products of the laptop wait. Cut the network, and go on.
              Open Conflicts: two copies of a temple's site met after two days off line. Finish them, and undo one.
              What you answer stands in the laptop's file a second later; what you write there with SQL is on the phone.
`)
}

async function showLink(five: Runtime) {
  const { code, row } = signInCode(Date.now())
  await five.query(insertToken(row))
  console.log(`  Sign in     ${pc.cyan(`${address()}#code=${code}`)}`)
  console.log(pc.dim(`              once, within ${CODE_MINUTES} minutes; Enter makes a new link\n`))
}

/** A phone gets in where others than this machine are let in. */
async function showPairing(api: Product) {
  if (!isOpen(HOST))
    return console.log(
      `  A phone     ${pc.dim('npm start -- --host lets the network of this machine in, and shows a QR code to pair one')}\n`,
    )
  const link = `${address()}review#code=${await api.pairingCode('a phone')}`
  console.log(`  Pair a phone in this network: scan this, once, within ${CODE_MINUTES} minutes`)
  console.log(`  ${pc.cyan(link)}\n`)
  for (const line of qrLines(link, pc.isColorSupported)) console.log(`    ${line}`)
  console.log(
    pc.dim('\n  Others in this network reach it too, and HTTP is not encrypted: it is demo data.\n'),
  )
}

const address = (): string => `http://${nameOf(HOST)}:${PORT}/`

let leaving = false
process.stdout.on('error', () => undefined)

/** Ends everything in order; the second time, at once. */
async function leave(reason?: string) {
  if (leaving) return
  leaving = true
  if (reason) console.error(`\n${pc.red('Stopped.')} ${reason}`)
  else console.log('\n  Stopping')
  await bot?.close().catch(() => undefined)
  await laptop?.close().catch(() => undefined)
  await runtime?.stop().catch(() => undefined)
  await emulators?.close().catch(() => undefined)
  await erp?.close().catch(() => undefined)
  await shop?.close().catch(() => undefined)
  leaveHome()
  process.exit(reason ? 1 : 0)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (leaving) void runtime?.kill()
    else void leave()
  })
}

// npm that is told to end (SIGTERM, a closed terminal) ends at once and tells nobody.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) void leave()
}, 500).unref()

if (!Number.isInteger(PORT) || PORT < 1 || PORT > 65_532) {
  console.error(`PORT is ${process.env.PORT}: it takes a number from 1 to 65532.`)
  process.exit(1)
}
const holder = takeHome()
if (holder !== null) {
  console.error(
    `Tidemark is running already (process ${holder}, state in ${HOME}). Stop it with Ctrl-C first.`,
  )
  process.exit(1)
}
if (!(await isFree(PORT))) {
  leaveHome()
  console.error(`Port ${PORT} is in use by another program. Choose another one: PORT=8800 npm start`)
  process.exit(1)
}
main().catch((error: Error) => leave(error.message))
