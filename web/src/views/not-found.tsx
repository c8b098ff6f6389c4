import { Heading } from '../parts/heading.tsx'
import { Empty } from '../parts/notice.tsx'

export function NotFound() {
  return (
    <>
      <Heading title="Nothing here" />
      <Empty icon="search" title="This address leads nowhere">
        <p>
          It may have been typed wrong, or what it named is gone. <a href="/">Go to the overview</a>.
        </p>
      </Empty>
    </>
  )
}
