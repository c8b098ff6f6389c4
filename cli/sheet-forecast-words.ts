import type { SheetsForecast } from '../sync/protocol/sheets.ts'
import { number, table } from './print.ts'
import type { Paper } from './terminal.ts'

/** Whether a schedule asks for more than there is. */
export const isTight = ({ links }: SheetsForecast): boolean => links.some(({ exceeds }) => exceeds)

/** Share of Google's quota, usually and at worst, as a bar and in numbers. */
export function forecastInWords(forecast: SheetsForecast, paper: Paper): string[] {
  const { limits, expected, worst, links } = forecast
  const { paint } = paper
  if (links.length === 0) return ['No workbook is linked: nothing is asked of Google.']
  return [
    shareInWords('reads', [expected.read, worst.read, limits.read], paper),
    shareInWords('writes', [expected.write, worst.write, limits.write], paper),
    '',
    ...table<SheetsForecast['links'][number]>(
      [
        { title: 'link', cell: ({ name }) => name, shrinks: true },
        { title: 'every', cell: ({ check_minutes }) => `${number(check_minutes)} min`, align: 'right' },
        { title: 'usually', cell: ({ expected_share }) => percent(expected_share), align: 'right' },
        { title: 'at worst', cell: ({ worst_share }) => percent(worst_share), align: 'right' },
        {
          title: '',
          cell: ({ exceeds, fits_minutes }) =>
            exceeds ? `too often${fits_minutes === null ? '' : `; ${number(fits_minutes)} min fits`}` : '',
          paint: (text) => paint.yellow(text),
        },
      ],
      links,
      paper,
    ),
    ...(isTight(forecast)
      ? ['', paint.yellow('At worst Google would refuse calls; they wait then, and nothing is lost.')]
      : []),
  ]
}

/** Marks of a bar that stands for the whole quota */
const BAR = 30

function shareInWords(
  what: string,
  [usual, worst, limit]: readonly [usual: number, worst: number, limit: number],
  { paint }: Paper,
): string {
  const marks = (calls: number) =>
    Math.min(BAR, calls > 0 ? Math.max(1, Math.round((calls / limit) * BAR)) : 0)
  const [now, most] = [marks(usual), Math.max(marks(usual), marks(worst))]
  const colour = worst > limit ? paint.red : paint.green
  const bar = colour('█'.repeat(now) + '▒'.repeat(most - now)) + paint.dim('·'.repeat(BAR - most))
  return `${what.padEnd(6)}  ${bar}  ${percent(usual / limit)} usually, ${percent(worst / limit)} at worst, of ${number(limit)} a minute`
}

const percent = (share: number): string =>
  share > 0 && share < 0.001 ? 'under 0.1 %' : `${Number((share * 100).toFixed(1))} %`
