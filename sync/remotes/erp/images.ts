import type { RemoteFailure } from '../../engine/ports.ts'
import { badStatus } from './answer.ts'
import { bodyOf, textOf } from './body.ts'
import { type Caller, type Dialect, type ErpOptions, erpCalls } from './calls.ts'
import type { Reader } from './http.ts'
import { LONGEST_IMAGE } from './limits.ts'
import { isLoginPage } from './login-page.ts'
import { broken, refused } from './outcome.ts'

/** Whose login fetches a picture. */
export interface ImageTarget {
  readonly login: string
  readonly sealed: string
  /** Calls that the ERP takes at once */
  readonly most: number
  /** How this ERP signs in; absent: by JSON */
  readonly dialect?: Dialect
}

export interface ErpImage {
  /** image/jpeg, image/png, image/gif or image/webp, by what the bytes say */
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** `not_found`: the ERP has no such picture. */
export type ImageAnswer =
  | { readonly ok: true; readonly response: ErpImage }
  | {
      readonly ok: false
      readonly failure: RemoteFailure | { readonly type: 'not_found'; readonly reason: string }
    }

/** Pictures are fetched when nobody else wants to go in. */
const PRIORITY = -1

/** Fetches pictures through the gate and the sessions of the ERP. */
export function erpImages(options: ErpOptions): {
  fetch(target: ImageTarget, path: string): Promise<ImageAnswer>
} {
  const calls = erpCalls(options)
  return {
    async fetch({ login, sealed, most, dialect = 'json' }, path) {
      const caller: Caller = {
        dialect,
        login,
        sealed,
        user: login,
        priority: PRIORITY,
        most,
        waits() {},
        called() {},
      }
      // The path is the ERP's data: it must not choose another host, which would be handed the session.
      const asked = URL.parse(path, 'http://erp')
      const called =
        asked?.origin === 'http://erp' && path.startsWith('/')
          ? await calls.call(caller, { kind: 'image', path: asked.pathname + asked.search }, imageAt(path))
          : refused('This is no path of a picture', 'Correct the picture of the product in the ERP.')
      if (!called.ok) return { ok: false, failure: called.failure }
      if (called.value) return { ok: true, response: called.value }
      return { ok: false, failure: { type: 'not_found', reason: `The ERP has no picture at ${path}` } }
    },
  }
}

const imageAt =
  (path: string): Reader<ErpImage | null> =>
  async (response, signal) => {
    if (response.status === 404) {
      await bodyOf(response, signal, 0).stop()
      return { ok: true, value: null }
    }
    if (response.status !== 200) return badStatus(response, path, await textOf(response, signal))
    const bytes = await bytesOf(response, signal)
    const type = typeOf(bytes)
    if (type !== null) return { ok: true, value: { type, bytes } }
    if (bytes.length === 0) return broken(`The ERP's answer to ${path} was empty`)
    return isLoginPage(new TextDecoder().decode(bytes.subarray(0, FORM)))
      ? { expired: true, reason: 'shows its sign-in page in place of a picture' }
      : broken(`What the ERP has at ${path} is no picture`, 'Put a JPEG, PNG, GIF or WebP there, in the ERP.')
  }

/** Bytes in which a sign-in form shows itself */
const FORM = 50_000

async function bytesOf(response: Response, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const body = bodyOf(response, signal, LONGEST_IMAGE)
  const pieces: Uint8Array[] = []
  for (let piece = await body.next(); piece; piece = await body.next()) pieces.push(piece)
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** The first bytes of pictures that browsers show, as latin1. The ERP's own `content-type` is not asked: it may say anything. */
const SIGNS = [
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^\x89PNG\r\n/, 'image/png'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
] as const

function typeOf(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 12))
  return SIGNS.find(([sign]) => sign.test(start))?.[1] ?? null
}
