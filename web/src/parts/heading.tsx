import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { place } from '../router.ts'

/** The view's one h1: names the document, and takes the focus when the view was gone to. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const ref = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title === 'Tidemark' ? title : `${title} · Tidemark`
  }, [title])
  const { moves } = place.value
  useEffect(() => {
    if (moves > 0) ref.current?.focus({ preventScroll: true })
  }, [moves])
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children ?? title}
    </h1>
  )
}

/** The way back up, above the heading. */
export function Crumbs({ links }: { links: readonly (readonly [string, string])[] }) {
  return (
    <nav class="crumbs" aria-label="Where this is">
      <ol>
        {links.map(([href, text]) => (
          <li key={href}>
            <a href={href}>{text}</a>
          </li>
        ))}
      </ol>
    </nav>
  )
}
