import { createHmac, randomUUID } from 'node:crypto'
import { runInNewContext } from 'node:vm'

/** What Apps Script's services are to the script, small: bytes are signed there, and nothing is asynchronous. */
export interface ScriptWorld {
  /** The functions that the script declares, in its own realm */
  readonly script: Readonly<Record<'connect' | 'disconnect' | 'changed', () => void>>
  /** Requests that it made, in their order */
  readonly sent: Sent[]
  readonly triggers: { readonly handler: string; readonly on: string }[]
  readonly warnings: string[]
  readonly properties: Map<string, string>
  /** What happens while the script sleeps */
  asleep: () => void
  /** What it is answered; throws: the network is away */
  answer: () => { readonly status: number; readonly text: string }
  /** Milliseconds that it slept */
  slept: number
}

export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly quiet: boolean
}

const signed = (bytes: Uint8Array): number[] => [...new Int8Array(bytes)]
const unsigned = (bytes: readonly number[]): Buffer => {
  if (bytes.some((byte) => byte < -128 || byte > 127)) throw new Error('Apps Script has signed bytes')
  return Buffer.from(Int8Array.from(bytes).buffer)
}

export function scriptWorld(text: string, spreadsheet: string): ScriptWorld {
  const cache = new Map<string, string>()
  let locked = false
  const world: ScriptWorld = {
    script: {} as ScriptWorld['script'],
    sent: [],
    triggers: [],
    warnings: [],
    properties: new Map(),
    asleep: () => undefined,
    answer: () => ({ status: 202, text: '{}' }),
    slept: 0,
  }
  const services = {
    console: { warn: (line: string) => world.warnings.push(String(line)) },
    SpreadsheetApp: { getActive: () => ({ getId: () => spreadsheet }) },
    ScriptApp: {
      getProjectTriggers: () =>
        world.triggers.map((each) => ({ ...each, getHandlerFunction: () => each.handler })),
      deleteTrigger: (trigger: { on: string }) =>
        world.triggers.splice(
          world.triggers.findIndex(({ on }) => on === trigger.on),
          1,
        ),
      newTrigger: (handler: string) => ({
        forSpreadsheet: () => {
          const on = (event: string) => ({ create: () => world.triggers.push({ handler, on: event }) })
          return { onEdit: () => on('edit'), onChange: () => on('change') }
        },
      }),
    },
    PropertiesService: {
      getScriptProperties: () => ({ getProperty: (name: string) => world.properties.get(name) ?? null }),
    },
    CacheService: {
      getScriptCache: () => ({
        get: (key: string) => cache.get(key) ?? null,
        put: (key: string, value: string) => void cache.set(key, value),
        remove: (key: string) => void cache.delete(key),
      }),
    },
    LockService: {
      getScriptLock: () => ({
        tryLock: () => {
          if (locked) return false
          locked = true
          return true
        },
        releaseLock: () => {
          locked = false
        },
      }),
    },
    Utilities: {
      sleep: (ms: number) => {
        world.slept += ms
        world.asleep()
      },
      getUuid: () => randomUUID(),
      newBlob: (content: string) => ({ getBytes: () => signed(Buffer.from(content, 'utf8')) }),
      base64Decode: (content: string) => signed(Buffer.from(content, 'base64')),
      base64Encode: (bytes: number[]) => unsigned(bytes).toString('base64'),
      computeHmacSha256Signature: (value: number[], key: number[]) =>
        signed(createHmac('sha256', unsigned(key)).update(unsigned(value)).digest()),
    },
    UrlFetchApp: {
      fetch: (url: string, options: Record<string, unknown>) => {
        world.sent.push({
          url,
          headers: options.headers as Record<string, string>,
          body: String(options.payload),
          quiet: options.muteHttpExceptions === true,
        })
        const { status, text: content } = world.answer()
        return { getResponseCode: () => status, getContentText: () => content }
      },
    },
  }
  const names = ['connect', 'disconnect', 'changed'] as const
  const script = runInNewContext(`${text}\n;({ ${names.join(', ')} })`, services) as ScriptWorld['script']
  return Object.assign(world, { script })
}
