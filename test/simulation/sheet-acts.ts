import type { Row } from '../../db/database.ts'
import type { Hands } from './sheet-hands.ts'
import type { Filled, Playing } from './sheet-playing.ts'
import type { Act, ActKind } from './sheet-story.ts'

/** An act, with the row of the tab, the row here and the column that it chose. */
export interface Chosen extends Act {
  readonly list: readonly Filled[]
  readonly one: Filled | undefined
  readonly row: Row | undefined
  readonly column: string
}

export type Deed = (chosen: Chosen) => void | Promise<void>

type PeoplesAct = Exclude<ActKind, `bot ${string}` | 'resolve' | 'replace' | 'sync' | 'sync fully'>

/** What people do to a tab. */
export function peoplesActs(p: Playing, { place, typed, muddle, retype }: Hands): Record<PeoplesAct, Deed> {
  const { shape, scene, book, log } = p
  const { paper } = scene

  const type: Deed = ({ kind, who, b, list, one, column }) => {
    const noted = kind === 'answer' ? list.find((each) => each.noted.length > 0) : one
    const at = kind === 'answer' ? noted?.noted[0] : column
    if (!noted || !at || noted.mark === null || !shape.free.includes(at)) return
    const stands = p.here().find((each) => each[shape.mark] === noted.mark)
    const value =
      kind === 'answer' && b % 3 === 0 && stands
        ? (stands[at] ?? null)
        : shape.value(at, noted.values, p.fresh())
    log.push(`  ${at} = ${value}`)
    return typed(who, noted.n, at, value, noted.mark)
  }

  const typeWrong: Deed = ({ who, one }) => {
    if (!one || one.mark === null) return
    if (shape.wrong) {
      const [of, value] = shape.wrong(one.values, p.fresh())
      return typed(who, one.n, of, value, one.mark)
    }
    return typed(who, one.n, 'hourly_wage', null, one.mark)
  }

  const sort: Deed = ({ kind, a, b }) => {
    const all = paper.rows().map((_, n) => n)
    const shift = b % (all.length || 1)
    const turned = [...all.slice(shift), ...all.slice(0, shift)]
    if (a % 2 === 1) turned.reverse()
    p.shuffled ||= kind === 'sort past ids'
    muddle()
    return paper.order(turned, kind === 'sort')
  }

  const insert: Deed = ({ kind, a }) => {
    const values = shape.row(++p.slots, p.fresh)
    if (kind === 'insert half') values[shape.free[0]] = null
    p.remarks++
    log.push(`  ${JSON.stringify(values)}`)
    return place(a % (paper.rows().length + 1), values, `remark ${p.slots}`)
  }

  const remove: Deed = ({ who, one }) => {
    if (!one || one.mark === null) return
    p.undos[who as 0]?.push({ mark: one.mark, row: one })
    book.removed('person', one.mark)
    if (one.remark !== null) p.remarks--
    return paper.remove(one.n)
  }

  const copy: Deed = ({ kind, b, one }) => {
    if (!one || one.mark === null) return
    paper.copy(one.n, b % 2 === 0)
    if (one.remark !== null) p.remarks++
    book.kin(one.mark, `copy of ${one.mark}`)
    if (kind === 'copy') retype(one.n + 1, one.mark)
    return
  }

  const cut: Deed = ({ b, one }) => {
    if (!one) return
    book.wanted(one.mark)
    return paper.cut(one.n, b % 2 === 0)
  }

  const blankId: Deed = ({ one }) => {
    if (!one || one.mark === null) return
    if (shape.name === null) return paper.blankId(one.n)
    if (one.values[shape.name] !== null) p.names.set(one.mark, one.values[shape.name] ?? null)
    return paper.type(one.n, shape.name, null)
  }

  const rename: Deed = ({ one }) => {
    if (!one || one.mark === null || shape.name === null) return
    const name = shape.called?.(p.fresh()) ?? `Rnew${p.fresh()}`
    paper.type(one.n, shape.name, name)
    book.say('person', one.mark, shape.name, name)
    book.wanted(one.mark)
    // Another id is another row, and the one that was may have to stay beside it.
    if (shape.keyed) book.kin(one.mark, `copy of ${one.mark}`)
    log.push(`  ${name}`)
    return
  }

  const undo: Deed = ({ who, a, list }) => {
    const last = p.undos[who as 0]?.pop()
    if (!last) return
    if (last.row) {
      if (list.some(({ mark }) => mark === last.mark)) return
      const { row: put } = last
      place(Math.min(a, paper.rows().length), { ...put.values }, put.remark)
      if (put.remark !== null) p.remarks++
      book.wanted(last.mark)
      return
    }
    const at = list.find(({ mark }) => mark === last.mark)
    if (!at || last.column === undefined || at.values[last.column] !== last.after) return
    paper.type(at.n, last.column, last.before ?? null)
    book.say('person', last.mark, last.column, last.before ?? null)
    return
  }

  const dropNote: Deed = ({ b, list }) => {
    const noted = list.find((each) => each.noted.length > 0)
    if (noted) paper.dropNote(noted.n, noted.noted[b % noted.noted.length] as string)
    return
  }

  return {
    type,
    answer: type,
    'type wrong': typeWrong,
    sort,
    'sort past ids': sort,
    insert,
    'insert half': insert,
    remove,
    copy,
    'copy and leave': copy,
    cut,
    'blank id': blankId,
    rename,
    undo,
    'drop note': dropNote,
  }
}
