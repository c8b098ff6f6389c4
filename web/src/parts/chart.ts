import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { compact, day } from '../format.ts'

export interface Series {
  /** Midnights UTC, in seconds */
  readonly days: readonly number[]
  /** null: no snapshot that day */
  readonly values: readonly (number | null)[]
}

/** Whole numbers only: half a follower is not a tick. */
const STEPS = [1, 2, 5]
  .flatMap((n) => Array.from({ length: 15 }, (_, e) => n * 10 ** e))
  .sort((a, b) => a - b)
const HEIGHT = 260

/** Draws one line into `element`; the answer takes it away. `onPoint` hears which day is under the pointer. */
export function drawChart(
  element: HTMLElement,
  { days, values }: Series,
  onPoint: (index: number | null) => void,
): () => void {
  const colour = {
    line: colourOf(element, '--accent'),
    fill: colourOf(element, '--accent-wash'),
    grid: colourOf(element, '--line'),
    text: colourOf(element, '--ink-2'),
  }
  const font = `12px ${getComputedStyle(element).fontFamily}`
  const axis = { stroke: colour.text, font, ticks: { show: false } }
  const points = values.filter((value) => value !== null).length
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [12, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      scales: { x: { time: true }, y: { range: (_, min, max) => roomy(min, max) } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 70,
          size: 32,
          incrs: [1, 2, 7, 14, 28].map((n) => n * 86_400),
          values: (_, splits) => splits.map((seconds) => day(new Date(seconds * 1000).toISOString())),
        },
        {
          ...axis,
          grid: { stroke: colour.grid, width: 1 },
          size: 58,
          incrs: STEPS,
          values: (_, splits) => splits.map((value) => compact(value)),
        },
      ],
      series: [
        {},
        {
          stroke: colour.line,
          fill: colour.fill,
          width: 2,
          points: { show: points < 32, size: 5, fill: colour.line },
        },
      ],
      hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? null)] },
    },
    [[...days], [...values]],
    element,
  )
  const follow = new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: HEIGHT })
  })
  follow.observe(element)
  return () => {
    follow.disconnect()
    plot.destroy()
  }
}

/** Some air above and below; a flat line in the middle. */
function roomy(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1]
  const air = Math.max((max - min) * 0.12, max === min ? Math.max(1, max * 0.02) : 1)
  return [Math.max(0, min - air), max + air]
}

/** A custom property as a colour that a canvas understands. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
