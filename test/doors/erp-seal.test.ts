import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from '../../workers/shared/seal.ts'

const keyOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const key = keyOf(new Uint8Array(32).fill(7))
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(keyOf)

describe('a sealed password', () => {
  it('opens with its key, whatever was sealed', () =>
    fc.assert(
      fc.asyncProperty(keys, fc.string({ unit: 'binary' }), async (own, text) => {
        expect(await unseal(own, await seal(own, text))).toBe(text)
      }),
    ))

  it('says which format it is, shows nothing of the text, and is another one each time', async () => {
    const [one, two] = [await seal(key, 'secret password'), await seal(key, 'secret password')]
    expect(one).toMatch(/^v1\.[\w-]{16}\.[\w-]{42,}$/)
    expect(one).not.toBe(two)
    expect(Buffer.from(one.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('secret')
  })

  it('does not open with another key, and says so', () =>
    fc.assert(
      fc.asyncProperty(keys, keys, fc.string(), async (own, other, text) => {
        fc.pre(own !== other)
        await expect(unseal(other, await seal(own, text))).rejects.toThrow('ERP_KEY is another one')
      }),
    ))

  it('does not open where any letter was changed, and says what to do', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.nat(), async (text, at) => {
        const sealed = await seal(key, text)
        const i = at % sealed.length
        // The last letter of a part may hold bits that mean nothing: the first letters are always meant.
        fc.pre(sealed[i] !== '.' && sealed[i + 1] !== undefined && sealed[i + 1] !== '.')
        const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`
        await expect(unseal(key, changed)).rejects.toThrow(/store the password again/i)
      }),
    ))

  it.each([
    '',
    'plain',
    'v1',
    'v1..',
    'v2.AAAAAAAAAAAAAAAA.AAAA',
    'v1.AAAA.AAAA',
    'v1.AAAAAAAAAAAAAAAA.*',
    'v1.a.b.c',
  ])('is not %j', async (text) => {
    await expect(unseal(key, text)).rejects.toThrow(/store the password again/i)
  })

  it('takes a key as openssl prints it, and none that is too short', async () => {
    const bytes = new Uint8Array(32).map((_, i) => 250 - i)
    const printed = `${Buffer.from(bytes).toString('base64')}\n`
    expect(await unseal(keyOf(bytes), await seal(printed, 'x'))).toBe('x')
    for (const wrong of ['', 'short', '*'.repeat(43), keyOf(bytes.slice(1))])
      await expect(seal(wrong, 'x')).rejects.toThrow('32 bytes as base64url')
  })
})
