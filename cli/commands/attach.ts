import { resolve } from 'node:path'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { refusal } from '../failure.ts'
import { attach as attachTo } from '../laptop/attach.ts'
import { rememberFile } from '../laptop/attached.ts'
import { transaction } from '../laptop/file.ts'
import { patienceOf, withFile } from '../laptop/open.ts'
import { storeSettings } from '../laptop/settings.ts'

export const attach = command(
  (declared) =>
    declared
      .name('attach')
      .summary('keep a table of a SQLite file in sync with a shared one')
      .description(
        'Ties a table of a SQLite file to a shared table. Tables and triggers are added whose names begin with tidemark_; no column is changed, and other programs write as before. Columns that the shared table does not have stay in the file.',
      )
      .argument('<file>', 'a SQLite file')
      .requiredOption('--table <table>', 'the table in the file')
      .option(
        '--as <shared>',
        'the shared table; without it, the one of the same name, or the only one there is',
      )
      .option('--key <column>', 'the column that names a row, where it is not found by its name')
      .addHelpText(
        'after',
        `
Examples:
  tidemark attach Shared/products.db --table products --as listings
  tidemark attach site.db --table bookings
  tidemark sync                    brings and sends for the first time

A column that INSERT OR REPLACE leaves out is no edit: it gets its value back at the next sync. UPDATE … = NULL is one.
While the file is attached, SQLite refuses to drop a shared column; detach first.`,
      ),
  async (context, given: string, options: { table: string; as?: string; key?: string }) => {
    const file = resolve(given)
    const { remote, server } = await context.device()
    const { tables, settings } = await remote.offer()
    const wanted = options.as ?? options.table
    const only = options.as === undefined && tables.length === 1 ? tables[0] : undefined
    const view = tables.find(({ name }) => name === wanted) ?? only
    if (!view)
      throw noShared(
        options.as,
        tables.map(({ name }) => name),
      )
    const link = await withFile(file, (db) =>
      transaction(db, patienceOf(context), () => {
        const made = attachTo(db, { table: options.table, view, url: server.url, key: options.key })
        storeSettings(db, settings)
        return made
      }),
    )
    await rememberFile(context.surroundings.env, file)
    const columns = link.columns.map(({ local, name, holds }) => ({ column: local, shared: name, holds }))
    context.show(
      { file, table: link.local, shared: link.shared, key: link.key, columns },
      (made, { paint }) => [
        `${paint.green('✓')} ${paint.bold(made.table)} of ${made.file} is kept as ${paint.bold(made.shared)}, row by row by ${made.key}`,
        ...made.columns.map(
          ({ column, shared }) => `  ${column}${column === shared ? '' : paint.dim(` as ${shared}`)}`,
        ),
        paint.dim('  next: tidemark sync'),
      ],
    )
    return EXIT.fine
  },
)

const noShared = (asked: string | undefined, names: readonly string[]) =>
  refusal('no_shared', {
    title: 'Which shared table?',
    detail:
      asked === undefined
        ? 'There are several, and none of the same name.'
        : `There is no shared table ${asked}.`,
    mend:
      names.length > 0
        ? `Name one with --as: ${names.join(', ')}`
        : 'Ask an admin which tables devices may keep.',
  })
