import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Heading } from '../parts/heading.tsx'
import { Failure } from '../parts/notice.tsx'
import { Lines } from '../parts/shown.tsx'

/** A view whose code is fetched when it is first gone to. Until then the page has its heading and a skeleton. */
export function later(
  title: string,
  load: () => Promise<FunctionComponent<{ id: string }>>,
): FunctionComponent<{ id: string }> {
  let loaded: FunctionComponent<{ id: string }> | null = null
  return function Later(props) {
    const [View, setView] = useState<FunctionComponent<{ id: string }> | null>(() => loaded)
    const [isMissing, setMissing] = useState(false)
    useEffect(() => {
      if (loaded) return
      load().then(
        (view) => {
          loaded = view
          setView(() => view)
        },
        () => setMissing(true),
      )
    }, [])
    if (View) return <View {...props} />
    return (
      <>
        <div class="title-row">
          <Heading title={title} />
        </div>
        {isMissing ? (
          <Failure problem={missing} onRetry={() => location.reload()} />
        ) : (
          <div class="skeleton" aria-busy="true">
            <span class="hidden">Loading…</span>
            <Lines n={8} />
          </div>
        )}
      </>
    )
  }
}

/** The network is away, or a newer page was deployed since this one was opened. */
const missing = {
  type: 'urn:tidemark:problem:unreachable',
  title: 'This view could not be fetched',
  status: 0,
  detail: 'The code of this view did not arrive.',
  kept: 'Everything: opening a view changes nothing.',
  mend: 'Try again: the page is then loaded anew.',
}
