import { Command } from 'commander'
import type * as z from 'zod'
import type { ConfigChange, SyncConfig } from '../../sync/protocol/sync-config.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { refusal } from '../failure.ts'
import { count, number, relative, table } from '../print.ts'
import type { Paper } from '../terminal.ts'
import { setting } from '../typed-values.ts'

const get = command(
  (declared) =>
    declared
      .name('get')
      .summary('how the collections are synced')
      .argument('[key]', 'only this setting')
      .option('--history', 'what was set when, and by whom'),
  async (context, key: string | undefined, { history }: { history?: true }) => {
    const { collections } = await context.connect()
    if (history) {
      context.show(await collections.configHistory(), changesInWords)
      return EXIT.fine
    }
    const config = await collections.config()
    if (key === undefined) context.show(config, inWords)
    else context.show(settingOf(config, key), (value) => [shown(value)])
    return EXIT.fine
  },
)

const set = command(
  (declared) =>
    declared
      .name('set')
      .summary('change it; what is not named stays as it is')
      .argument('<key=value...>', 'settings')
      .addHelpText('after', EXAMPLES),
  async (context, texts: string[]) => {
    const changes = texts.reduce((before, text) => setting(text, before), {} as Record<string, string>)
    const { collections } = await context.connect()
    const parsed = Object.fromEntries(Object.entries(changes).map(([key, text]) => [key, read(key, text)]))
    context.show(await collections.setConfig(parsed), inWords)
    return EXIT.fine
  },
)

export const config = (...wiring: Parameters<typeof get>) =>
  new Command('config')
    .summary('how the collections are synced: see it, change it')
    .addCommand(get(...wiring), { isDefault: true })
    .addCommand(set(...wiring))

const EXAMPLES = `
Settings:
  autoSyncEnabled             true or false: devices sync by themselves
  syncIntervalMinutes         a number, or off: they sync this often whatever happens
  conflictResolutionStrategy  manual, newest, keep_remote or keep_local: what settles a field that two have changed
  collectionsToSync           names with commas between, or all
  maxRetries                  tries of a sync that fails
  batchSize                   edits that go at once

Examples:
  tidemark config set syncIntervalMinutes=60 maxRetries=5
  tidemark config set collectionsToSync=admins,bookings,events`

/** As the API takes it; what it does not understand, it says itself. */
function read(key: string, text: string): unknown {
  const value = text.trim()
  if (key === 'collectionsToSync') return value === 'all' ? null : value.split(',').map((name) => name.trim())
  if (value === 'true' || value === 'false') return value === 'true'
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return ['off', 'none', 'null', ''].includes(value) ? null : value
}

function settingOf(settings: SyncConfig, key: string): unknown {
  if (!Object.hasOwn(settings, key))
    throw refusal('no_setting', {
      title: 'There is no such setting',
      detail: `${key} is none.`,
      mend: `They are ${Object.keys(settings).join(', ')}.`,
    })
  return settings[key as keyof SyncConfig]
}

const shown = (value: unknown): string => {
  if (value === null) return 'default'
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function inWords(settings: SyncConfig, { paint }: Paper): string[] {
  const line = (title: string, text: string, key: keyof SyncConfig) =>
    `${title.padEnd(27)}  ${paint.bold(text)}  ${paint.dim(key)}`
  const { syncIntervalMinutes: minutes, collectionsToSync: names } = settings
  return [
    line('sync by themselves', settings.autoSyncEnabled ? 'yes' : 'no', 'autoSyncEnabled'),
    line(
      'and at least',
      minutes === null ? 'only with a reason' : `every ${count(minutes, 'minute')}`,
      'syncIntervalMinutes',
    ),
    line('conflicts', settings.conflictResolutionStrategy, 'conflictResolutionStrategy'),
    line('edits at once', number(settings.batchSize), 'batchSize'),
    line('tries of a failing sync', number(settings.maxRetries), 'maxRetries'),
    '',
    `collections to sync${names === null ? ': all' : ` (${number(names.length)})`}  ${paint.dim('collectionsToSync')}`,
    ...(names ?? []).map((name) => `  ${name}`),
  ]
}

function changesInWords(changes: readonly z.infer<typeof ConfigChange>[], paper: Paper): string[] {
  if (changes.length === 0) return ['Nothing was ever changed: all is as it was shipped.']
  const told = changes.map(({ at, by, value }, i) => ({ at, by, text: newIn(value, changes[i + 1]?.value) }))
  return table<(typeof told)[number]>(
    [
      { title: 'when', cell: ({ at }) => relative(at, paper.now) },
      { title: 'who', cell: ({ by }) => by, shrinks: true },
      { title: 'set to', cell: ({ text }) => text, shrinks: true },
    ],
    told,
    paper,
  )
}

/** Each change holds all settings: what is not as in the one before. */
function newIn(value: unknown, before: unknown): string {
  if (!isSettings(value)) return shown(value)
  const changed = Object.entries(value).filter(
    ([key, to]) => !isSettings(before) || JSON.stringify(before[key]) !== JSON.stringify(to),
  )
  return changed.map(([key, to]) => `${key}=${to === null ? 'default' : shown(to)}`).join(' ') || 'the same'
}

const isSettings = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
