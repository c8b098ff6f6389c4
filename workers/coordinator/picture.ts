import { LONGEST_IMAGE } from '../../sync/remotes/erp/limits.ts'

/** A picture that may be stored, or why these bytes are none. `passes`: the same path may give a picture later. */
export type Judged =
  | { readonly ok: true; readonly type: string }
  | { readonly ok: false; readonly reason: string; readonly passes: boolean }

/**
 * Tells a picture by its first bytes (https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern) and holds
 * the declared media type to it. Only what can hold no script is a picture here.
 */
export function judgePicture(bytes: Uint8Array, declared: string | null): Judged {
  // A hiccup of the ERP rather than a fact about the picture.
  if (bytes.length === 0) return { ok: false, reason: 'The ERP answered with no bytes.', passes: true }
  if (bytes.length > LONGEST_IMAGE) return refused(tooLarge)
  const said = (declared ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const found = KINDS.find(({ is }) => is(bytes))
  if (!found) {
    const start = text(bytes, 0, PEEK)
      .replace(/^\uFEFF/, '')
      .trimStart()
      .toLowerCase()
    if (said === 'image/svg+xml' || /<svg[\s>]/.test(start))
      return refused(`It is an SVG drawing, which may hold a script. ${ALLOWED}`)
    if (HTML.test(start))
      return { ok: false, reason: 'The ERP answered with a page in place of the picture.', passes: true }
    return refused(`It is not a picture that can be shown. ${ALLOWED}`)
  }
  if (SAYS_NOTHING.includes(said) || found.names.includes(said)) return { ok: true, type: found.names[0] }
  return refused(`The ERP calls it ${said.slice(0, 50)}, but its content is ${found.names[0]}.`)
}

const ALLOWED = 'JPEG, PNG, WebP and GIF are stored.'
const tooLarge = `It is larger than ${LONGEST_IMAGE / 1_000_000} MB: store a smaller picture in the ERP.`
/** Bytes in which an unknown content is looked for HTML and SVG */
const PEEK = 1_024
const HTML = /^(<!doctype html|<html|<head|<body|<title|<script|<!--)/
/** A server that doesn't know says this */
const SAYS_NOTHING = ['', 'application/octet-stream', 'binary/octet-stream']

const refused = (reason: string): Judged => ({ ok: false, reason, passes: false })

interface Kind {
  /** Media type, and other names of it */
  readonly names: readonly [string, ...string[]]
  readonly is: (bytes: Uint8Array) => boolean
}

const KINDS: readonly Kind[] = [
  { names: ['image/jpeg', 'image/jpg', 'image/pjpeg'], is: (b) => text(b, 0, 3) === '\xff\xd8\xff' },
  { names: ['image/png', 'image/x-png'], is: (b) => text(b, 0, 8) === '\x89PNG\r\n\x1a\n' },
  { names: ['image/webp'], is: (b) => text(b, 0, 4) === 'RIFF' && text(b, 8, 12) === 'WEBP' },
  { names: ['image/gif'], is: (b) => ['GIF87a', 'GIF89a'].includes(text(b, 0, 6)) },
]

/** A byte a letter. */
const text = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to))
