import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import * as z from 'zod'
import * as device from '../../sync/protocol/device.ts'

// Devices are not updated together with the server. What travels is therefore changed on purpose, or not at all.

const KNOWN = 'd9ef5d66b185bfff9242964e04968d77ad20588342c17746e4d70e8602fa7b4f'

const MESSAGE = `The schemas of the device protocol have changed (sync/protocol/device.ts). Devices that are in use speak the old ones. If an
old device and a new server, and a new device and an old server, still understand each other (a field that may be absent was added),
describe it in docs/protocol.md and put the new digest here. If they don't, also raise PROTOCOL, and say in docs/protocol.md
what a device of the older number is answered.`

test('what travels between devices and the server is what docs/protocol.md describes', () => {
  const schemas = Object.entries<unknown>({ ...device })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, schema]) =>
      schema instanceof z.ZodType
        ? [
            name,
            z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
            z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }),
          ]
        : [],
    )
  expect(schemas.length).toBeGreaterThan(10)
  const text = JSON.stringify([device.PROTOCOL, device.DEVICE_LIMITS, schemas])
  expect(createHash('sha256').update(text).digest('hex'), MESSAGE).toBe(KNOWN)
})
