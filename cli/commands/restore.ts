import { join, resolve } from 'node:path'
import { ask } from '../ask.ts'
import { type Manifest, readManifest } from '../backup/manifest.ts'
import { restoreFile } from '../backup/restore-file.ts'
import type { RestoreRequest } from '../backup/restore-request.ts'
import { applyRestore, exitOfRestore, type PlannedPart, planRestore } from '../backup/restore-server.ts'
import type { How } from '../change.ts'
import { planned } from '../change-options.ts'
import { type Context, command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { cleaned, Refusal, refusal, unlessForbidden } from '../failure.ts'
import { rememberFile } from '../laptop/attached.ts'
import { patienceOf } from '../laptop/open.ts'
import { writePlan } from '../plan-file.ts'
import { plansInWords } from '../plan-words.ts'
import { relative } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const restore = command(
  (declared) =>
    planned(
      declared
        .name('restore')
        .summary('bring back what a backup holds: files, shared tables, or both')
        .description(
          'Checks the backup first. Files: the copy takes the place of the file, which is kept beside it as FILE.before-restore. The server: rows become what they were, by a change like any other, which stands in the history, reaches every device, and can be undone.',
        )
        .argument('<folder>', 'what tidemark backup made')
        .option('--local', 'the attached files')
        .option('--server', 'the shared tables')
        .option('--tables <names...>', 'of the server: only these tables'),
    ).addHelpText('after', EXAMPLES),
  async (context, given: string, { local, server, tables, ...how }: Options) => {
    const folder = resolve(given)
    const manifest = await readManifest(folder, context.progress.say)
    const files = local || !(server || tables) ? manifest.files : []
    const copy = server || tables || !local ? manifest.server : null
    if ((server || tables) && !copy) throw notInIt(folder, 'the server')
    if (local && files.length === 0) throw notInIt(folder, 'any file')
    const request = copy ? { backup: folder, sha256: copy.sha256, ...(tables && { tables }) } : null
    return bringBack(context, { folder, manifest, files, request }, how)
  },
)

interface Options extends How {
  readonly local?: true
  readonly server?: true
  readonly tables?: string[]
}

interface Wanted {
  readonly folder: string
  readonly manifest: Manifest
  readonly files: Manifest['files']
  readonly request: RestoreRequest | null
}

async function bringBack(context: Context, wanted: Wanted, { dryRun, out, yes }: How) {
  const { folder, files, request } = wanted
  const { stdin, stderr } = context.surroundings
  const isOnlyPlan = dryRun || out !== undefined
  const asks = !yes && !context.json && stdin.isTTY && stderr.isTTY
  if (!isOnlyPlan && !yes && !asks) throw sayYes()
  if (out !== undefined && !request) throw notInIt(folder, 'the server, and only of that a plan can be made')
  const client = request ? await context.connect() : null
  // Only an admin restores the server; the files of this machine are anybody's.
  const asked = <T>(answer: Promise<T>) => (files.length > 0 ? orFilesOnly(answer) : answer)
  const parts =
    request && client && (isOnlyPlan || asks) ? await asked(planRestore(context, client, request)) : []
  const plan = {
    type: 'restore' as const,
    request,
    expect: Object.fromEntries(parts.map(({ part, plan: { digest } }) => [part, digest])),
    plans: parts.map(({ plan: each }) => each),
  }
  if (isOnlyPlan || asks)
    context.show({ ...plan, files: files.map(({ file }) => file) }, (_shown, paper) =>
      planInWords(cleaned(wanted), cleaned(parts), paper),
    )
  if (isOnlyPlan) {
    if (out !== undefined) await writePlan(out, plan)
    context.note(({ paint }) =>
      paint.dim(
        out === undefined || !request
          ? 'Nothing was changed.'
          : `Nothing was changed; to do exactly this on the server: tidemark apply ${out}`,
      ),
    )
    return exitOfRestore(parts)
  }
  if (asks && !/^\s*y(es)?\s*$/i.test((await ask(context.surroundings, 'Do this? [y/N] ', 'shown')) ?? '')) {
    context.note(() => 'Nothing was changed.')
    return EXIT.fine
  }
  // The server first: only there something may be in the way, and then no file has been touched.
  const done =
    request && client ? await asked(applyRestore(context, client, request, asks ? plan : null)) : { done: [] }
  if ('moved' in done) return done.moved
  const restored: { file: string; kept: string | null }[] = []
  for (const { file, copy } of files) {
    context.progress.say(`Putting ${file} back`)
    restored.push({ file, kept: await restoreFile(patienceOf(context), join(folder, copy), file) })
    await rememberFile(context.surroundings.env, file)
  }
  context.show({ folder, files: restored, plans: done.done.map(({ plan: each }) => each) }, doneInWords)
  return exitOfRestore(done.done)
}

function planInWords({ manifest, files }: Wanted, parts: readonly PlannedPart[], paper: Paper): string[] {
  const changing = parts.filter(({ plan: { changes, status } }) => changes.length > 0 || status === 'failed')
  return [
    `The backup was made ${relative(manifest.at, paper.now)}.`,
    ...files.map(({ file }) => `Would put ${file} back; the present one is kept beside it`),
    ...plansInWords(
      changing.map(({ plan }) => plan),
      paper,
    ),
    ...(parts.length > 0 && changing.length === 0 ? ['The server holds all of it as the backup does.'] : []),
  ]
}

function doneInWords(
  {
    files,
    plans,
  }: {
    readonly files: readonly { file: string; kept: string | null }[]
    readonly plans: readonly PlannedPart['plan'][]
  },
  paper: Paper,
): string[] {
  const { paint } = paper
  return [
    ...plansInWords(
      plans.filter(({ changes, status }) => changes.length > 0 || status === 'failed'),
      paper,
    ),
    ...(plans.length > 0 && plans.every(({ changes }) => changes.length === 0)
      ? ['The server held all of it as the backup does.']
      : []),
    ...files.map(
      ({ file, kept }) =>
        `${paint.green('✓')} ${paint.bold(file)} is back${kept === null ? '' : paint.dim(`; the former one is ${kept}`)}`,
    ),
    ...(files.length > 0 ? [paint.dim('  next: tidemark sync')] : []),
  ]
}

const EXAMPLES = `
Examples:
  tidemark restore tidemark-backup-2026-11-21T10-35-00 --dry-run
  tidemark restore backup --server --tables admins events
  tidemark restore backup --local

On a terminal it shows what it comes to, and asks. Elsewhere it needs --yes.

Exit codes: 0 done; 1 something of it is left to a person, or the data has changed since it was planned; 2 failed.`

/** Whoever may not restore the server is told that the files can come back without it. */
async function orFilesOnly<T>(answer: Promise<T>): Promise<T> {
  const done = await unlessForbidden(answer)
  if (!(done instanceof Refusal)) return done
  const mend = `To bring back the files of this machine alone, add --local. ${done.problem.mend}`
  throw new Refusal({ ...done.problem, mend })
}

const sayYes = () =>
  refusal('say_yes', {
    title: 'Nobody can be asked',
    detail: 'A restore replaces what is there, and this is no terminal.',
    mend: 'Look at it with --dry-run, then give --yes.',
  })

const notInIt = (folder: string, what: string) =>
  refusal('not_in_backup', {
    title: 'The backup does not have it',
    detail: `${folder} was made without ${what}.`,
    mend: 'Use another backup.',
  })
