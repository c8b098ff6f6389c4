import type { ComponentChildren } from 'preact'
import { type Held, refresh } from '../data/reads.ts'
import { Failure } from './notice.tsx'

/**
 * A read in whatever state it is: a value stays on the page while it is read again, and when that fails (the banner
 * says so); without a value it is the failure, or the skeleton in the shape of what will come.
 */
export function Shown<T>(props: {
  held: Held<T>
  skeleton: ComponentChildren
  children: (value: T) => ComponentChildren
}) {
  const { value, problem } = props.held
  if (value !== undefined) return <>{props.children(value)}</>
  if (problem) return <Failure problem={problem} onRetry={() => refresh()} />
  return (
    <div class="skeleton" aria-busy="true">
      <span class="hidden">Loading…</span>
      {props.skeleton}
    </div>
  )
}

/** Grey lines in place of text that isn't there yet. */
export function Lines({ n, height = 1.25 }: { n: number; height?: number }) {
  return (
    <>
      {Array.from({ length: n }, (_, i) => (
        <span key={i} class="line" style={{ height: `${height}rem` }} />
      ))}
    </>
  )
}
