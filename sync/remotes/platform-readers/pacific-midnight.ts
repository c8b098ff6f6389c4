const hour = 3_600_000

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
})

/** The next midnight in California, where YouTube's day begins (https://developers.google.com/youtube/v3/getting-started#quota). */
export function nextPacificMidnight(now: number): number {
  // Offsets to UTC are whole hours there, so midnight is the start of one of the next hours.
  const first = (Math.floor(now / hour) + 1) * hour
  const hours = Array.from({ length: 26 }, (_, i) => first + i * hour)
  return hours.find((time) => clock.format(time) === '00:00') ?? first + 24 * hour
}
