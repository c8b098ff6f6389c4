import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { BEGIN, type Side, sideOf } from './side.ts'

/** Follows a finger sideways; answers the side to which it would be thrown if it was lifted now. */
export function useSwipe(ref: RefObject<HTMLElement | null>, thrown: (side: Side) => void): Side | null {
  const [pull, setPull] = useState<Side | null>(null)
  const call = useRef(thrown)
  call.current = thrown

  useEffect(() => {
    const card = ref.current
    if (!card) return
    let from: number | null = null
    let moved = 0
    const down = (event: PointerEvent) => {
      if (event.button === 0 && !(event.target as Element).closest('a, button')) from = event.clientX
    }
    const move = (event: PointerEvent) => {
      if (from === null) return
      moved = event.clientX - from
      if (Math.abs(moved) < BEGIN) return
      card.setPointerCapture(event.pointerId)
      card.style.translate = `${moved}px`
      setPull(sideOf(moved))
    }
    const end = (event: PointerEvent) => {
      if (from === null) return
      const side = event.type === 'pointerup' ? sideOf(moved) : null
      from = null
      moved = 0
      card.style.translate = ''
      setPull(null)
      if (side) call.current(side)
    }
    card.addEventListener('pointerdown', down)
    card.addEventListener('pointermove', move)
    card.addEventListener('pointerup', end)
    card.addEventListener('pointercancel', end)
    return () => {
      card.removeEventListener('pointerdown', down)
      card.removeEventListener('pointermove', move)
      card.removeEventListener('pointerup', end)
      card.removeEventListener('pointercancel', end)
    }
  }, [ref])
  return pull
}
