import { describe, expect, test } from 'vitest'
import { bothLayout } from '../../sync/remotes/google-sheets/both-layout.ts'
import { bothRows } from '../../sync/remotes/google-sheets/both-rows.ts'
import { type Look, maySpill, tabFields, tabsOf } from '../../sync/remotes/google-sheets/tab.ts'
import { staff } from './both-world.ts'

const look: Look = { protections: false, both: true, lean: false }
const entered = (stringValue: string) => ({
  userEnteredValue: { stringValue },
  effectiveValue: { stringValue },
})
const shown = (stringValue: string) => ({ effectiveValue: { stringValue } })
const formula = (formulaValue: string, stringValue: string) => ({
  userEnteredValue: { formulaValue },
  effectiveValue: { stringValue },
})

/** A tab as Google answers, with what the emulator can't show. */
const tabOf = (rows: object[][], more: object = {}, how: Look = look) => {
  const [tab] = tabsOf(
    {
      properties: { locale: 'en_US', timeZone: 'Etc/GMT' },
      sheets: [
        { properties: { title: 'A' }, data: [{ rowData: rows.map((values) => ({ values })) }], ...more },
      ],
    },
    how,
  )
  if (!tab) throw new Error('no tab')
  return tab
}
const header = [entered('Employee ID'), entered('Name')]
const read = (tab: ReturnType<typeof tabOf>) => {
  const answer = bothLayout(tab, staff.columns, false, undefined)
  if (!answer.ok) throw new Error(answer.reason)
  return bothRows(tab, answer.layout, staff.columns, staff.both).rows
}

describe('A cell that nobody typed', () => {
  test('because a formula beside it spilled over it, is read and never written', () => {
    const rows = read(
      tabOf([
        header,
        [entered('ann'), formula('=ARRAYFORMULA(D2:D3)', 'Ann')],
        [entered('bob'), shown('Bob')],
      ]),
    )
    expect(rows.map(({ values, locked }) => [values.name, locked])).toEqual([
      ['Ann', ['name']],
      ['Bob', ['name']],
    ])
  })

  test('because it is merged with another one, says nothing: it is not empty', () => {
    const merges = [{ startRowIndex: 1, endRowIndex: 3, startColumnIndex: 1, endColumnIndex: 2 }]
    const rows = read(tabOf([header, [entered('ann'), entered('both')], [entered('bob')]], { merges }))
    expect(rows[0]?.values).toEqual({ id: 'ann', name: 'both' })
    expect(rows[1]).toMatchObject({
      values: { id: 'bob' },
      unread: { name: { reason: expect.stringContaining('merged') } },
      locked: ['name'],
    })
  })
})

describe('A lean look', () => {
  const lean: Look = { ...look, lean: true }

  test('asks for formulas alone, and knows what was entered all the same', () => {
    expect(tabFields(lean)).toContain('userEnteredValue/formulaValue')
    const full = tabOf([header, [entered('ann'), formula('=A2', 'ann')]])
    const half = tabOf(
      [header.map(({ effectiveValue }) => ({ effectiveValue })), [shown('ann'), formula('=A2', 'ann')]],
      {},
      lean,
    )
    expect(half.rows).toEqual(full.rows)
  })

  test('is not enough where a formula may spill', () => {
    const spills = (text: string) => maySpill(tabOf([[formula(text, '')]], {}, lean))
    for (const text of ['=ARRAYFORMULA(A1:A5)', '={1,2}', '=filter(A:A,B:B)', '=IMPORTRANGE("x","y")'])
      expect(spills(text)).toBe(true)
    for (const text of ['=A1+1', '=SUM(A1:A5)', '=VLOOKUP(A1,B:C,2)']) expect(spills(text)).toBe(false)
  })
})
