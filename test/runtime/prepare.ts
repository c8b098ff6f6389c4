import { bundles } from './bundles.ts'
import { page } from './page.ts'

/** Once a test run: the page and the five Workers are built, if anything that they are made of has changed. */
export default async function prepare(): Promise<void> {
  await page()
  await bundles()
}
