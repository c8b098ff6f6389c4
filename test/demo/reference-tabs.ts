import type { NewSpreadsheet } from '../emulators/google/person.ts'

type Tab = NonNullable<NewSpreadsheet['sheets']>[number]

// Wages and thresholds as people type them: two decimals, shares in percent, an end that is left open.

const EMPLOYEES = [
  ['E-001', 'Amara Okafor', '19.50', '8%'],
  ['E-002', 'Tomás Herrera', '17.00', '6.5%'],
  ['E-003', 'Yuki Tanabe', '21.25', '9%'],
  ['E-004', 'Leni Brandt', '15.80', '5%'],
  ['E-005', 'Farid Haddad', '18.40', '7%'],
  ['E-006', 'Nora Lindqvist', '24.00', '10%'],
  ['E-007', 'Joe Whitfield', '14.90', '4%'],
] as const

const RATES = [
  ['0', '500', '3%'],
  ['500', '2500', '5%'],
  ['2500', '10000', '7.5%'],
  ['10000', '', '10%'],
] as const

const RANKS = [
  ['Newcomer', '0', '250', '', '🌱'],
  ['Regular', '250', '1000', '10', '⭐'],
  ['Pathfinder', '1000', '2500', '25', '🧭'],
  ['Captain', '2500', '7500', '75', '⚓'],
  ['Admiral', '7500', '20000', '200', '🏅'],
  ['Legend', '20000', '', '500', '👑'],
] as const

/** Three small tables that people keep and a bot reads, as further tabs of the demo's workbook. */
export const REFERENCE_TABS: readonly Tab[] = [
  tab('EmployeeSettings', 2_001, ['Employee ID', 'Name', 'Hourly wage', 'Commission'], EMPLOYEES),
  tab('DynamicRates', 2_002, ['From', 'To', 'Rate'], RATES),
  tab('Ranks', 2_003, ['Rank', 'From', 'To', 'Bonus', 'Emoji'], RANKS),
]

function tab(
  title: string,
  sheetId: number,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): Tab {
  return { title, sheetId, rows: [[...headers], ...rows.map((row) => [...row])], rowCount: 60 }
}
