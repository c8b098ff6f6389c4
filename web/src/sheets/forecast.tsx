import type { SheetsForecast } from '../../../sync/protocol/sheets.ts'
import { useRead } from '../data/reads.ts'
import { getForecast } from '../data/sheets.ts'
import { exact } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import { every, sheetName as linkName, percent } from './words.ts'

/** How much of Google's quota the schedules take, and which of them would take more than there is. */
export function Forecast() {
  const held = useRead(getForecast)
  return (
    <section class="panel" aria-labelledby="quota">
      <h2 id="quota">Google’s quota</h2>
      <Shown held={held} skeleton={<Lines n={4} />}>
        {(forecast) => <Content forecast={forecast} />}
      </Shown>
    </section>
  )
}

function Content({ forecast }: { forecast: SheetsForecast }) {
  const { limits, expected, worst, links } = forecast
  const over = links.filter(({ exceeds }) => exceeds)
  return (
    <>
      {over.map((link) => (
        <Notice
          key={link.name}
          tone="warn"
          title={`${nameOf(link)}: ${every(link.check_minutes)} is too often`}
        >
          <p>
            At worst, Google would refuse calls; they wait then, and nothing is lost.
            {link.fits_minutes !== null && ` It fits ${every(link.fits_minutes)}.`}
          </p>
        </Notice>
      ))}
      <dl class="quota">
        <Share term="Reads" usual={expected.read / limits.read} worst={worst.read / limits.read} />
        <Share term="Writes" usual={expected.write / limits.write} worst={worst.write / limits.write} />
      </dl>
      {links.length === 0 ? (
        <p class="quiet">No workbook is linked: nothing is asked of Google.</p>
      ) : (
        <ul class="quota-links">
          {links.map((link) => (
            <li key={link.name}>
              <span>
                <b>{nameOf(link)}</b> <span class="quiet">{every(link.check_minutes)}</span>
              </span>
              <span class={link.exceeds ? 'tone-warn' : 'quiet'}>
                {link.exceeds && <Icon name="degraded" />} {percent(link.expected_share)} usually,{' '}
                {percent(link.worst_share)} at worst
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">
        Google lets one service account make {exact(limits.read)} reads and {exact(limits.write)} writes a
        minute, for all workbooks together. At worst: every check finds changes.
      </p>
    </>
  )
}

/** A bar from nothing to the whole quota: what is usual, and what it would be at worst. The words say the same. */
function Share({ term, usual, worst }: { term: string; usual: number; worst: number }) {
  const tone = worst > 1 ? 'bad' : worst > 0.8 ? 'warn' : 'good'
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <span class={`quota-bar is-${tone}`} aria-hidden="true">
          <span class="quota-worst" style={{ width: `${Math.min(1, worst) * 100}%` }} />
          <span class="quota-usual" style={{ width: `${Math.min(1, usual) * 100}%` }} />
        </span>
        {percent(usual)} usually, <span class={worst > 1 ? 'tone-bad' : ''}>{percent(worst)} at worst</span>
      </dd>
    </div>
  )
}

const nameOf = ({ name, kind }: SheetsForecast['links'][number]) =>
  kind === 'workspace' ? `Smart sync of ${name}` : linkName({ name })
