/** Format and key derivation of a sealed text. Another one takes another word, and `unseal` keeps reading this one. */
const VERSION = 'v1'
/** Bytes of a nonce: what AES-GCM takes without hashing it first. https://www.w3.org/TR/webcrypto-2/#aes-gcm */
const NONCE = 12
/** Bytes of a key: AES-256 */
const KEY = 32

/**
 * Seals a short text (a password) with AES-256-GCM: `v1.<nonce>.<cipher>`, both base64url, another one each time. `key`
 * is 32 random bytes as base64url; a key that is anything else throws.
 */
export async function seal(key: string, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE))
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: encode(VERSION) }
  const cipher = await crypto.subtle.encrypt(algorithm, await imported(key, 'encrypt'), encode(text))
  return [VERSION, toBase64(nonce), toBase64(new Uint8Array(cipher))].join('.')
}

/** Opens what `seal` made with the same key. Throws, in words, where the key is another or the text was changed. */
export async function unseal(key: string, sealed: string): Promise<string> {
  const [version, nonce = '', cipher = '', ...more] = sealed.split('.')
  const iv = fromBase64(nonce)
  const data = fromBase64(cipher)
  if (version !== VERSION || more.length > 0 || iv?.length !== NONCE || data === null)
    throw new Error('This is no sealed text: store the password again.')
  const own = await imported(key, 'decrypt')
  const algorithm = { name: 'AES-GCM', iv, additionalData: encode(VERSION) }
  const opened = await crypto.subtle.decrypt(algorithm, own, data).catch(() => null)
  if (opened === null)
    throw new Error(
      'The sealed text does not open: ERP_KEY is another one, or the text was changed. Store the password again.',
    )
  // A text may begin with what a decoder takes for a byte order mark.
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(opened)
}

function imported(key: string, use: 'encrypt' | 'decrypt') {
  const bytes = fromBase64(key.trim())
  if (bytes?.length !== KEY)
    throw new Error(
      `The key of sealed texts is not ${KEY} bytes as base64url: make one with \`openssl rand -base64 ${KEY}\`.`,
    )
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, [use])
}

const encode = (text: string) => new TextEncoder().encode(text)

const toBase64 = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** Takes both alphabets, padded or not: what `openssl rand -base64 32` prints is a key too. null: neither. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
    return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
