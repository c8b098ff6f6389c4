import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { backUpFile } from '../backup/back-up-file.ts'
import { backUpServer, SERVER_COPY } from '../backup/back-up-server.ts'
import { type Manifest, writeManifest } from '../backup/manifest.ts'
import { type Context, command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { inWords as inWordsOf, Refusal, refusal } from '../failure.ts'
import { filesOf, patienceOf } from '../laptop/open.ts'
import { count, number, size } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const backup = command(
  (declared) =>
    declared
      .name('backup')
      .summary('copy attached files and the shared tables, before anything risky')
      .description(
        'Makes a folder with a consistent copy of every file that is attached on this machine, and of every shared table that you may read, as a SQLite file. Nothing has to be stopped for it. A manifest says when, how much, and by which SHA-256 it can be checked.',
      )
      .option('--to <folder>', 'a new folder; without it, one named after the time')
      .addHelpText('after', EXAMPLES),
  async (context, { to }: { to?: string }) => {
    const at = new Date(context.surroundings.now()).toISOString()
    const folder = resolve(to ?? `tidemark-backup-${at.slice(0, 19).replaceAll(':', '-')}`)
    const files = await filesOf(context, undefined)
    await makeFolder(folder)
    const made = await backUp(context, folder, at, files).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true })
      throw error
    })
    context.show({ folder, ...made }, inWords)
    return made.problem ? EXIT.attention : EXIT.fine
  },
)

type Made = Manifest & { readonly problem: Refusal['problem'] | null }

/** The server's part may fail where files were copied: they are a backup without it. */
async function backUp(context: Context, folder: string, at: string, paths: readonly string[]): Promise<Made> {
  const { progress } = context
  const files: Manifest['files'] = []
  for (const [i, file] of paths.entries()) {
    progress.say(`Copying ${file}`)
    files.push(await backUpFile(patienceOf(context), folder, file, i + 1))
  }
  const server = await serverOf(context, folder).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || files.length === 0) throw error
    await rm(resolve(folder, SERVER_COPY), { force: true })
    return error
  })
  const manifest: Manifest = {
    tidemark: 1,
    at,
    files,
    server: server instanceof Refusal ? null : server,
  }
  await writeManifest(folder, manifest)
  return { ...manifest, problem: server instanceof Refusal ? server.problem : null }
}

async function serverOf(context: Context, folder: string) {
  const { remote, server } = await context.device()
  context.progress.say('Asking the server what there is')
  return backUpServer(folder, server.url, remote, (lane, rows, of) =>
    context.progress.say(
      `Copying ${lane}: ${number(rows)}${of === undefined ? '' : ` of ${number(of)}`} rows`,
    ),
  )
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw refusal('no_folder', {
      title: 'The folder cannot be made',
      detail: code === 'EEXIST' ? `${folder} is there already.` : `${message}.`,
      mend: 'Name a new folder in one that you may write to, with --to.',
    })
  }
}

function inWords({ folder, files, server, problem }: Made & { folder: string }, paper: Paper): string[] {
  const { paint } = paper
  return [
    `${problem ? paint.yellow('!') : paint.green('✓')} Backup in ${paint.bold(folder)}`,
    ...files.flatMap(({ file, bytes, tables }) => [
      `  ${file}  ${paint.dim(size(bytes))}`,
      ...tables.map(({ table, shared, rows }) => `    ${table} as ${shared}: ${count(rows, 'row')}`),
    ]),
    ...(server
      ? [
          `  ${server.url}  ${paint.dim(size(server.bytes))}`,
          ...server.lanes.flatMap(({ version, tables }) =>
            tables.map(
              ({ name, rows }) =>
                `    ${name}: ${count(rows, 'row')}${version === null ? '' : paint.dim(`  version ${version}`)}`,
            ),
          ),
        ]
      : []),
    ...(problem
      ? ['  The server is not in it:', ...inWordsOf(problem, paper).map((line) => `  ${line}`)]
      : []),
    paint.dim(`  to bring it back: tidemark restore ${folder}`),
  ]
}

const EXAMPLES = `
Examples:
  tidemark backup
  tidemark backup --to /media/stick/before-the-merge

Exit codes: 0 everything is in it; 1 the files are, and the server could not be copied; 2 failed, and there is no folder.`
