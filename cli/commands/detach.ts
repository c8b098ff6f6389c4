import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { refusal } from '../failure.ts'
import { detach as detachFrom } from '../laptop/attach.ts'
import { attachedFiles, forgetFile } from '../laptop/attached.ts'
import { transaction } from '../laptop/file.ts'
import { isAttached } from '../laptop/link.ts'
import { notAttached, patienceOf, withFile } from '../laptop/open.ts'
import { unsentOf } from '../laptop/standing.ts'
import { count } from '../print.ts'

export const detach = command(
  (declared) =>
    declared
      .name('detach')
      .summary('end that; the file is as it was, with the rows of today')
      .description('Removes every table and trigger whose name begins with tidemark_. Rows stay as they are.')
      .argument('<file>', 'an attached SQLite file')
      .option('--force', 'also where edits were not sent yet; they stay in this file only'),
  async (context, given: string, { force }: { force?: true }) => {
    const file = resolve(given)
    // A file that is gone for good can only be forgotten.
    if (!existsSync(file) && (await attachedFiles(context.surroundings.env)).includes(file)) {
      await forgetFile(context.surroundings.env, file)
      context.show({ file, detached: true, unsent: null }, () => [`${file} is not there; forgotten.`])
      return EXIT.fine
    }
    const unsent = await withFile(file, (db) =>
      transaction(db, patienceOf(context), () => {
        if (!isAttached(db)) throw notAttached(file)
        const found = unsentOf(db)
        if (found > 0 && !force) throw notSent(found)
        detachFrom(db)
        return found
      }),
    )
    await forgetFile(context.surroundings.env, file)
    context.show({ file, detached: true, unsent }, ({ file: name }) => [`Detached ${name}.`])
    return EXIT.fine
  },
)

const notSent = (n: number) =>
  refusal('not_sent', {
    title: 'Some of it was not sent',
    detail: `${count(n, 'row')} of this file changed, and the server does not know yet.`,
    mend: 'First run: tidemark sync. Or use --force; the rows stay as they are, in this file only.',
  })
