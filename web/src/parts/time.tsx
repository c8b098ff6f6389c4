import { signal } from '@preact/signals'
import { dateTime, relative } from '../format.ts'

/** The present, for texts that speak of it. */
export const now = signal(Date.now())
setInterval(() => {
  now.value = Date.now()
}, 10_000)

/** `4 min ago`, with the full time for those who ask. */
export function Ago({ time }: { time: string | number }) {
  const iso = new Date(time).toISOString()
  return (
    <time dateTime={iso} title={`${dateTime(time)} (${iso})`}>
      {relative(time, Math.max(now.value, Date.now()))}
    </time>
  )
}

export function When({ time }: { time: string }) {
  return (
    <time dateTime={time} title={time}>
      {dateTime(time)}
    </time>
  )
}
