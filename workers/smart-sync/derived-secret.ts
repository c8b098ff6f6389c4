/**
 * A signing secret that is derived from the master key and what it is for: shown when it is asked for, stored nowhere. The format is
 * that of Standard Webhooks: `whsec_` and base64.
 */
async function derivedSecret(masterKey: string, purpose: string): Promise<string> {
  const text = new TextEncoder()
  const hash = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', text.encode(masterKey), hash, false, ['sign'])
  const mac = await crypto.subtle.sign('HMAC', key, text.encode(purpose))
  return `whsec_${btoa(String.fromCharCode(...new Uint8Array(mac)))}`
}

/** What a webhook's deliveries are signed with. */
export const webhookSecret = (masterKey: string, webhookId: string): Promise<string> =>
  derivedSecret(masterKey, `webhook ${webhookId}`)

/** What the script in a workbook signs with. */
export const workbookSecret = (masterKey: string, spreadsheetId: string): Promise<string> =>
  derivedSecret(masterKey, `workbook ${spreadsheetId}`)
