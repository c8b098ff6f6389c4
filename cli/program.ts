import { Command, CommanderError } from 'commander'
import project from '../package.json' with { type: 'json' }
import { account } from './commands/account.ts'
import { accounts } from './commands/accounts.ts'
import { apply } from './commands/apply.ts'
import { attach } from './commands/attach.ts'
import { autoResolve } from './commands/auto-resolve.ts'
import { backup } from './commands/backup.ts'
import { config } from './commands/config.ts'
import { conflicts } from './commands/conflicts.ts'
import { detach } from './commands/detach.ts'
import { doctor } from './commands/doctor.ts'
import { erp } from './commands/erp.ts'
import { history } from './commands/history.ts'
import { login, pair } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { logs } from './commands/logs.ts'
import { pin } from './commands/pin.ts'
import { projects } from './commands/projects.ts'
import { readings } from './commands/readings.ts'
import { resolve } from './commands/resolve.ts'
import { restore } from './commands/restore.ts'
import { run } from './commands/run.ts'
import { runs } from './commands/runs.ts'
import { sheets } from './commands/sheets.ts'
import { status } from './commands/status.ts'
import { sync } from './commands/sync.ts'
import { tokens } from './commands/tokens.ts'
import { undo } from './commands/undo.ts'
import { unpin } from './commands/unpin.ts'
import { watch } from './commands/watch.ts'
import { whoami } from './commands/whoami.ts'
import { why } from './commands/why.ts'
import { offerCompletion } from './completion.ts'
import { EXIT, type Exit } from './exit.ts'
import { inWords, Refusal } from './failure.ts'
import { paperFor, type Surroundings } from './terminal.ts'

const GROUPS = {
  'See and sync': [status, sync, erp, sheets, runs, run, logs, config],
  'What needs a person': [conflicts, resolve, autoResolve, why, undo, apply],
  'Before anything risky': [backup, restore],
  'Files of this laptop': [attach, watch, doctor, detach],
  Numbers: [projects, accounts, account, history, pin, unpin, readings],
  Who: [pair, login, logout, whoami, tokens],
} as const

/** Runs one command line. The answer is the exit code; bugs throw. */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  let exit: number = EXIT.fine
  const program = programFor(surroundings, (code) => {
    exit = code
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return exit
  } catch (error) {
    // commander has said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.failed
    if (!(error instanceof Refusal)) throw error
    const { stderr } = surroundings
    const lines = words.includes('--json')
      ? [JSON.stringify(error.problem)]
      : inWords(error.problem, paperFor(stderr, surroundings))
    for (const line of lines) stderr.write(`${line}\n`)
    return EXIT.failed
  }
}

function programFor(surroundings: Surroundings, done: (exit: Exit) => void): Command {
  const { stdout, stderr } = surroundings
  const program = new Command('tidemark')
    .description(
      'Two-way sync between a database, files of this laptop, Google Sheets and parsers: the command line.',
    )
    .version(project.version)
    // A command's own --version is not the program's.
    .enablePositionalOptions()
    .configureHelp({ helpWidth: Math.min(stdout.columns || 100, 100) })
    .addHelpText('after', HELP)
  for (const [title, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(`${title}:`)
    for (const make of commands) program.addCommand(make(surroundings, done))
  }
  program.commandsGroup('Help:')
  offerCompletion(program)
  return settle(program)

  /** Nothing leaves by itself, or to another stream. */
  function settle(command: Command): Command {
    command.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHasColors: () => paperFor(stdout, surroundings).paint.isColorSupported,
      getErrHasColors: () => paperFor(stderr, surroundings).paint.isColorSupported,
    })
    for (const each of command.commands) settle(each)
    return command
  }
}

const HELP = `
Exit codes: 0 fine; 1 done, and something of it needs a person (warnings, conflicts, failed parts); 2 failed.
Every command takes --json. NO_COLOR turns colours off.
Settings: TIDEMARK_URL and TIDEMARK_TOKEN, else what login stored (TIDEMARK_CONFIG says in which file).`
