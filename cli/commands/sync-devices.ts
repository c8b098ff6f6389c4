import type { SyncOutcome } from '../../sync/protocol/sync-logs.ts'
import { paintSync, seconds } from '../collections-words.ts'
import type { Context } from '../command.ts'
import { EXIT, type Exit } from '../exit.ts'
import { count, number, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

/** Asks all devices that are on line to sync, and waits for what they report. */
export async function syncDevices(
  context: Context,
  collections: readonly string[] | undefined,
): Promise<Exit> {
  const client = await context.connect()
  context.progress.say(`Asking the devices to sync ${collections?.join(', ') ?? 'all collections'}`)
  const outcome = await client.collections.sync(collections)
  context.show(outcome, inWords)
  if (outcome.status === 'failed') return EXIT.failed
  const needsPerson = sum(outcome.conflicts) > 0 || outcome.devices.some(({ status }) => status === 'failed')
  return needsPerson ? EXIT.attention : EXIT.fine
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, n) => all + n, 0)

function inWords(outcome: SyncOutcome, paper: Paper): string[] {
  const { paint } = paper
  const { status, durationSeconds, devices, conflicts, error } = outcome
  const took = durationSeconds === null ? '' : ` in ${seconds(durationSeconds)}`
  const open = sum(conflicts)
  return [
    `${paint.bold(`Sync of ${count(devices.length, 'device')}`)}: ${paintSync(paint, status)(status)}${took}`,
    ...(error === null ? [] : [`  ${error}`]),
    ...(devices.length === 0 ? ['No device is on line. Each one syncs when it is back.'] : []),
    ...(outcome.collections.length > 0 ? ['', ...countsInWords(outcome, paper)] : []),
    ...(devices.length > 0 ? ['', ...devicesInWords(outcome.devices, paper)] : []),
    ...(open > 0 ? ['', paint.yellow(`${count(open, 'conflict')}; see: tidemark conflicts`)] : []),
  ]
}

const countsInWords = (outcome: SyncOutcome, paper: Paper) =>
  table<string>(
    [
      { title: 'collection', cell: (name) => name },
      { title: 'pushed', cell: (name) => number(outcome.localToRemote[name] ?? 0), align: 'right' },
      { title: 'pulled', cell: (name) => number(outcome.remoteToLocal[name] ?? 0), align: 'right' },
      {
        title: 'conflicts',
        cell: (name) => number(outcome.conflicts[name] ?? 0),
        align: 'right',
        paint: (text, name) => ((outcome.conflicts[name] ?? 0) > 0 ? paper.paint.yellow(text) : text),
      },
    ],
    outcome.collections,
    paper,
  )

const devicesInWords = (devices: SyncOutcome['devices'], paper: Paper) =>
  table<SyncOutcome['devices'][number]>(
    [
      { title: 'device', cell: ({ name }) => name, shrinks: true },
      {
        title: 'result',
        cell: ({ status }) => (status === 'waiting' ? 'goes on; see: tidemark logs --server' : status),
        paint: (text, { status }) => paintSync(paper.paint, status)(text),
      },
      { title: 'why', cell: ({ error }) => error ?? '', shrinks: true },
    ],
    devices,
    paper,
  )
