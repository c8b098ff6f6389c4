import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import type { Difference } from '../laptop/differences.ts'
import { examine, repair } from '../laptop/doctor.ts'
import { transaction } from '../laptop/file.ts'
import { type Check, integrityOf } from '../laptop/integrity.ts'
import { filesOf, notAttached, syncDepsOf, withAttached } from '../laptop/open.ts'
import { count, scalar } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const doctor = command(
  (declared) =>
    declared
      .name('doctor')
      .summary('compare attached files with the server, row by row, and mend them')
      .description(
        'Checks the file and its triggers, syncs, and compares the digests of every attached table here and on the server. It names the rows and columns that differ, and what would be done. What waits to be sent or was not taken is no difference: see tidemark conflicts.',
      )
      .argument('[file]', 'an attached SQLite file; without it, all that are attached here')
      .option('--repair', 'do what the plan says; values that are replaced are written to the log before')
      .addHelpText(
        'after',
        '\nExit codes: 0 the same everywhere; 1 rows differ, or something waits for a person; 2 failed.',
      ),
  async (context, given: string | undefined, options: { repair?: true }) => {
    const files = await filesOf(context, given)
    if (files.length === 0) throw notAttached(given ?? 'No file')
    const found: Visit[] = []
    for (const file of files)
      found.push(
        await withAttached(context, file, async (db, remote) => {
          const deps = syncDepsOf(context, remote)
          context.progress.say(`Checking ${file}`)
          const checks = await transaction(db, deps, () => integrityOf(db))
          const { rows, differences } = await examine(db, deps)
          if (!options.repair || differences.length === 0)
            return { file, checks, rows, differences, left: differences.length }
          await repair(db, deps, differences)
          const after = await examine(db, deps)
          return { file, checks, rows, differences, left: after.differences.length }
        }),
      )
    context.show(found, (all, paper) =>
      all.flatMap((visit) => inWords(visit, options.repair === true, paper)),
    )
    return found.every(({ left, checks }) => left === 0 && checks[0]?.ok) ? EXIT.fine : EXIT.attention
  },
)

interface Visit {
  readonly file: string
  readonly checks: readonly Check[]
  readonly rows: number
  readonly differences: readonly Difference[]
  /** Differences after a repair, or all */
  readonly left: number
}

const PLAN = {
  take: 'the server’s row comes',
  remove: 'it is gone on the server, and is removed here',
  send: 'it was changed here unnoticed, and is sent',
}

function inWords(
  { file, checks, rows, differences, left }: Visit,
  isRepair: boolean,
  { paint }: Paper,
): string[] {
  const mark = (ok: boolean) => (ok ? paint.green('✓') : paint.yellow('!'))
  return [
    paint.bold(file),
    ...checks.map(({ name, ok, detail }) => `  ${mark(ok)} ${name}  ${paint.dim(detail)}`),
    differences.length === 0
      ? `  ${mark(true)} ${count(rows, 'row')} here and on the server: the same`
      : `  ${mark(false)} ${count(differences.length, 'row')} of ${count(rows, 'row')} differ`,
    ...differences
      .slice(0, SHOWN)
      .flatMap(({ table, row, plan, columns }) => [
        `    ${paint.bold(row)} of ${table}: ${PLAN[plan]}`,
        ...columns.map(
          ({ name, here, server }) =>
            `      ${paint.dim(name)}  here ${shown(here)}, server ${shown(server)}`,
        ),
      ]),
    ...(differences.length > SHOWN ? [`    and ${count(differences.length - SHOWN, 'row')} more`] : []),
    ...(differences.length === 0
      ? []
      : isRepair
        ? [left === 0 ? `  ${mark(true)} repaired` : `  ${mark(false)} ${count(left, 'row')} still differ`]
        : ['  → tidemark doctor --repair']),
  ]
}

const SHOWN = 20
const shown = (value: Difference['columns'][number]['here']) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value.unreadable) : scalar(value)
