import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Shorter lists are rendered whole: the browser's own search then finds everything. */
const WHOLE = 200
/** Rows rendered beyond each edge, so that the Tab key finds the next row before it is scrolled to. */
const BEYOND = 20

/** Which rows of a long list with rows of one height (in pixels) are near enough to be rendered. */
export function useWindow(
  table: RefObject<HTMLElement | null>,
  count: number,
  height: number,
): { from: number; to: number } {
  const [range, setRange] = useState({ from: 0, to: WHOLE })
  useEffect(() => {
    if (count <= WHOLE) return
    const measure = () => {
      const top = table.current?.getBoundingClientRect().top ?? 0
      const first = Math.floor(-top / height)
      const from = clamp(first - BEYOND, count)
      const to = clamp(first + Math.ceil(innerHeight / height) + BEYOND, count)
      setRange((old) => (old.from === from && old.to === to ? old : { from, to }))
    }
    measure()
    addEventListener('scroll', measure, { passive: true })
    addEventListener('resize', measure)
    return () => {
      removeEventListener('scroll', measure)
      removeEventListener('resize', measure)
    }
  }, [table, count, height])
  return count <= WHOLE
    ? { from: 0, to: count }
    : { from: clamp(range.from, count), to: clamp(range.to, count) }
}

const clamp = (n: number, count: number) => Math.max(0, Math.min(count, n))
