import type { ComponentChildren } from 'preact'

/** A term and what it is, in a list of them (`dl`). */
export function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
