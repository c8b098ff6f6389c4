import { expect, test } from 'vitest'
import { editOf } from '../../cli/laptop/edit.ts'
import { HOW } from '../../cli/laptop/triggers.ts'

const column = (name: string, write: boolean) => ({
  name,
  local: name,
  type: 'text' as const,
  write,
  holds: 'text' as const,
  omitted: 'NULL',
  omittedWire: null,
})

const shadow = { vals: { title: 'Dress', score: 'A' }, seen: {}, state: 'agreed' as const }

test('columns that are the server’s are given back, and not sent', () => {
  const edit = editOf({
    columns: [column('title', true), column('score', false)],
    here: { title: 'Coat', score: 'F' },
    shadow,
    how: HOW.changed,
    blank: 0n,
  })
  expect(edit).toEqual({
    op: 'update',
    values: { title: 'Coat' },
    base: { title: 'Dress' },
    bad: {},
    restore: ['score'],
  })
})

test('a row that is as it was left is no edit, however often it was marked', () => {
  const of = { columns: [column('title', true)], here: { title: 'Dress' }, shadow, blank: 0n }
  for (const how of Object.values(HOW)) expect(editOf({ ...of, how })).toBeNull()
})
