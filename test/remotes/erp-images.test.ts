import { describe, expect, it } from 'vitest'
import { createWorld, dialects } from './erp-world.ts'

function withPicture(options = {}) {
  const world = createWorld(options)
  world.person.put('products', { id: 'P1', code: 'C1', name: 'Valve', image: '/images/P1.jpg' })
  return world
}

describe.each(dialects)('A picture (%s)', (dialect) => {
  const target = { login: 'anna@erp', sealed: 'sealed:anna', most: 2, dialect }

  it('comes with its type, through the gate behind everybody else, and by the session that is there', async () => {
    const { images, gate, calls } = withPicture()
    const answer = await images.fetch(target, '/images/P1.jpg')
    if (!answer.ok) throw new Error(answer.failure.reason)
    expect(answer.response.type).toMatch(/^image\/(jpeg|png)$/)
    expect(answer.response.bytes.length).toBeGreaterThan(20)
    expect(gate.asked).toMatchObject([{ priority: -1, exclusive: false, most: 2 }])
    calls()
    await images.fetch(target, '/images/P1.jpg')
    expect(calls()).toEqual(['GET /images/P1.jpg'])
  })

  it('that is not there is not found', async () => {
    const { images } = withPicture()
    expect(await images.fetch(target, '/images/P2.jpg')).toEqual({
      ok: false,
      failure: { type: 'not_found', reason: 'The ERP has no picture at /images/P2.jpg' },
    })
  })

  it.each([
    ['//evil.test/P1.jpg'],
    ['https://evil.test/P1.jpg'],
    ['images/P1.jpg'],
    ['/.//evil.test/P1.jpg'],
    ['\\\\evil.test\\x'],
    ['/\\evil.test/x'],
  ])('at %s never sends the session to another host', async (path) => {
    const { images, requests } = withPicture()
    expect(await images.fetch(target, path)).toMatchObject({ ok: false })
    expect(requests.every(({ url }) => new URL(url).host === 'erp.test')).toBe(true)
  })

  it('asks for a login where the session is over, also where the sign-in page comes as a picture', async () => {
    const { erp, images, person, called } = withPicture()
    await images.fetch(target, '/images/P1.jpg')
    person.expireSessions()
    expect(await images.fetch(target, '/images/P1.jpg')).toMatchObject({ ok: true })
    erp.faults.add({ match: { path: /images/ }, do: { loginPage: true } })
    expect(await images.fetch(target, '/images/P1.jpg')).toMatchObject({ ok: true })
    expect(called).toEqual([])
  })

  it.each([
    ['empty', new Uint8Array(0), /was empty/],
    ['no picture', new TextEncoder().encode('<svg onload="alert(1)">'), /is no picture/],
    ['larger than 5 MB', new Uint8Array(5_000_001).fill(0xff), /longer than 5000000 bytes/],
  ])('that is %s is a failure', async (_name, bytes, reason) => {
    const { network, images } = withPicture()
    await images.fetch(target, '/images/P1.jpg')
    network.answer = async () => new Response(bytes, { headers: { 'content-type': 'image/jpeg' } })
    const answer = await images.fetch(target, '/images/P1.jpg')
    expect(answer).toMatchObject({
      ok: false,
      failure: { type: 'unavailable', reason: expect.stringMatching(reason) },
    })
  })

  it('of no end is not read to it', async () => {
    const { network, images } = withPicture()
    await images.fetch(target, '/images/P1.jpg')
    let taken = 0
    let stopped = false
    network.answer = async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            taken++
            controller.enqueue(new Uint8Array(1_000_000))
          },
          cancel() {
            stopped = true
          },
        }),
      )
    expect(await images.fetch(target, '/images/P1.jpg')).toMatchObject({ ok: false })
    expect([taken < 10, stopped]).toEqual([true, true])
  })
})
