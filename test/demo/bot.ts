import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PATHS } from './home.ts'
import { type Program, startProgram } from './program.ts'

/** A bot that reads the reference tables many times a minute, and now and then sets a wage. @param token makes its token */
export async function startBot(url: URL, token: () => Promise<string>): Promise<Program> {
  const log = createWriteStream(PATHS.botLog, { flags: 'a' })
  const bot = startProgram(join(import.meta.dirname, 'bot-program.ts'), [url.href], {
    until: /^read/,
    log,
    env: { ...process.env, TOKEN: await kept(token) },
  })
  try {
    await bot.ready
  } catch (error) {
    await bot.close()
    throw error
  }
  return bot
}

/** The same one at each start. */
async function kept(token: () => Promise<string>): Promise<string> {
  try {
    return readFileSync(PATHS.botToken, 'utf8')
  } catch {
    const made = await token()
    writeFileSync(PATHS.botToken, made, { mode: 0o600 })
    return made
  }
}
