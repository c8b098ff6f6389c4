import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Makes every table of the generated migrations WITHOUT ROWID, which drizzle-kit has no word for.
 * All of ours have a declared key; with a rowid each insert would be billed twice (row and key index).
 * Run by `npm run migrations` after drizzle-kit; running it again changes nothing.
 */
for (const name of readdirSync('migrations').filter((file) => file.endsWith('.sql'))) {
  const path = `migrations/${name}`
  const before = readFileSync(path, 'utf8')
  const after = before.replace(/(CREATE TABLE [^;]*\n\))(;)/g, '$1 WITHOUT ROWID$2')
  if (after !== before) writeFileSync(path, after)
}
