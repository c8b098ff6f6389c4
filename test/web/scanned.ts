import type { Page } from 'playwright-core'
import { readModules } from '../demo/read-qr.ts'

/** What a camera would read of the console's QR code. */
export async function scanned(page: Page): Promise<string> {
  const qr = page.getByRole('img', { name: 'QR code of the pairing link' })
  const size = Number((await qr.getAttribute('viewBox'))?.split(' ').at(-1))
  const path = (await qr.locator('.qr-dark').getAttribute('d')) ?? ''
  const dark = new Set(path.match(/M\d+ \d+/g))
  return readModules(
    Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => dark.has(`M${x} ${y}`))),
  )
}
