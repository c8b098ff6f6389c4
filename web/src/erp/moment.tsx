import { relative } from '../format.ts'
import { Ago, now } from '../parts/time.tsx'

type Times = readonly (string | null)[]

/** When something happened last; of several lists the one that it is longest ago for, as that is what may be amiss. */
export function Since({ times }: { times: Times }) {
  const known = times.filter((time) => time !== null).sort()
  const [oldest] = known
  const newest = known.at(-1)
  if (oldest === undefined || newest === undefined) return <span class="quiet">Never</span>
  if (known.length < times.length)
    return (
      <>
        <Ago time={newest} />
        <span class="quiet">, {times.length - known.length} never</span>
      </>
    )
  return (
    <>
      <Ago time={oldest} />
      {said(oldest) !== said(newest) && <span class="quiet"> at most</span>}
    </>
  )
}

const said = (time: string) => relative(time, Math.max(now.value, Date.now()))

/** When something is due next. */
export function Due({ times }: { times: Times }) {
  const [next] = times.filter((time) => time !== null).sort()
  if (next === undefined) return <span class="quiet">Not planned</span>
  return Date.parse(next) <= Math.max(now.value, Date.now()) ? <>Due now</> : <Ago time={next} />
}
