import { readFileSync } from 'node:fs'

/** The script as it stands in the project, and as a module of the Workers says it. */
const SCRIPT_FILE = 'sync/remotes/google-sheets/apps-script/tidemark.gs'
export const scriptText = (): string => readFileSync(SCRIPT_FILE, 'utf8')

/** A Worker is one file: what it answers must be in it. */
export function moduleOf(text: string): string {
  if (/`|\$\{|\\/.test(text))
    throw new Error(`${SCRIPT_FILE}: no backtick, \${ or backslash: it is carried in a template`)
  return `/** tidemark.gs, word by word. Made by \`npx vitest run test/doors/apps-script.test.ts -u\`: change that file, not this one. */\nexport const APPS_SCRIPT = \`${text}\`\n`
}
