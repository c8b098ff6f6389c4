import type { Page, Part, RemoteColumn, RemoteContext, RemoteEdit, RowSeen } from '../../sync/engine/ports.ts'
import { book, createBook, createRun, createWorld, must, part, type World } from './sheet-world.ts'

const column = (header: string, type: string, more: Partial<RemoteColumn> = {}): RemoteColumn => ({
  header,
  aliases: [],
  type,
  ...more,
})

/** People whose ids are typed by people. */
export const staff = {
  columns: {
    id: column('Employee ID', 'text', { required: true, aliases: ['employee'] }),
    name: column('Name', 'string'),
    wage: column('Hourly wage', 'money', { aliases: ['wage'] }),
    share: column('Commission', 'percent'),
    active: column('Active', 'boolean'),
    since: column('Since', 'date'),
    seen: column('Last seen', 'datetime'),
    level: column('Level', 'integer'),
    factor: column('Factor', 'number'),
  },
  both: { match: ['id'], rowIds: false },
}

/** Ranges that nothing names for good: ids are kept in a hidden column. */
export const rates = {
  columns: {
    range_from: column('From', 'money'),
    range_to: column('To', 'money'),
    rate: column('Rate', 'percent'),
  },
  both: { match: [], rowIds: true },
}

type Kind = Pick<RemoteContext, 'columns'> & { readonly both: NonNullable<RemoteContext['both']> }

/** A run of a link both ways. */
export function bothRun(kind: Kind, memory: { value: unknown } = { value: null }, parts = [only]) {
  const run = createRun(parts, memory)
  const context: RemoteContext = Object.defineProperties(run.context, {
    columns: { value: kind.columns },
    both: { value: kind.both },
  })
  return { ...run, context }
}

export const only = part('A')

type Cells = readonly (readonly (string | number | boolean | null)[])[]

/** A workbook with the tab `A`, and what a test does with it. */
export function openBoth(kind: Kind, rows: Cells, more: { locale?: string; world?: World } = {}) {
  const world = more.world ?? createWorld()
  createBook(world, { A: rows }, { ...(more.locale && { locale: more.locale }) })
  const memory = { value: null as unknown }

  async function read(run = bothRun(kind, memory), of: Part = only): Promise<Page> {
    return must(await world.remote.read(run.context, of, null))
  }

  async function edit(edits: readonly RemoteEdit[], run = bothRun(kind, memory)) {
    if (!world.remote.edit) throw new Error('the remote cannot edit')
    return must(await world.remote.edit(run.context, only, edits))
  }

  /** Reads and edits in one run, as the engine does. */
  async function readAndEdit(edits: readonly RemoteEdit[]) {
    const run = bothRun(kind, memory)
    await read(run)
    return edit(edits, run)
  }

  /** Does something between the reading and the write. */
  async function between(act: () => void, edits: readonly RemoteEdit[]) {
    const hold = world.google.faults.hold({ api: 'sheets.batchUpdate' })
    const editing = edit(edits)
    await hold.arrived()
    act()
    hold.release()
    return editing
  }

  return {
    world,
    memory,
    read,
    edit,
    readAndEdit,
    between,
    /** What the tab shows, from its first cell */
    shown: (range = 'A!A1:Z200') => world.person.values(book, range),
    cell: (at: string) => world.person.cell(book, `A!${at}`),
  }
}

/** A row of a page as edits name it. */
export const seenIn = (page: Page, position: number): RowSeen => {
  const row = page.rows.find((one) => one.position === position)
  if (!row) throw new Error(`no row at ${position}`)
  return { position, ref: row.ref ?? null, shows: row.values }
}
