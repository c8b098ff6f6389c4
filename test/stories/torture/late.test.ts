import { expect, test } from 'vitest'
import { BOOK, tortureWorld } from './torture-world.ts'

// Google carries a write out after we gave it up and looked again: nobody acted, and no row may stand twice.

test.each(['employee_settings', 'dynamic_rates', 'ranks'] as const)(
  'a write to %s that lands after the next look doubles no row',
  async (table) => {
    const tab = { employee_settings: 'EmployeeSettings', dynamic_rates: 'DynamicRates', ranks: 'Ranks' }[
      table
    ]
    for (const lands of ['before the next run', 'in the moment of its write', 'never'] as const) {
      const w = tortureWorld()
      await w.settle()
      await w.program(table, true)
      w.google.faults.add({ match: { api: 'sheets.batchUpdate' }, times: 1, do: { late: true } })
      await w.sync()
      expect(w.part(table)?.warnings.map(({ kind }) => kind)).toContain('not_written')
      if (lands === 'before the next run') w.google.faults.land()
      if (lands === 'in the moment of its write') w.inside('reading', () => w.google.faults.land())
      await w.settle()
      const named = w.person
        .values(BOOK, `${tab}!A2:A30`)
        .flat()
        .filter((value) => value !== '')
      expect(named, lands).toHaveLength(w.here(table).length)
      expect(new Set(named).size).toBe(named.length)
      expect(w.conflicts()).toEqual([])
    }
  },
)
