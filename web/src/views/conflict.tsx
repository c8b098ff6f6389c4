import { getAnyConflict } from '../data/inbox.ts'
import { useRead } from '../data/reads.ts'
import { DeviceConflict } from '../inbox/device-conflict.tsx'
import { RemoteConflict } from '../inbox/remote-conflict.tsx'
import { conflictTitle } from '../inbox/remote-words.tsx'
import { sentence } from '../inbox/words.ts'
import { Crumbs, Heading } from '../parts/heading.tsx'
import { Lines, Shown } from '../parts/shown.tsx'
import '../style/inbox.css'
import '../style/timeline.css'

/** One conflict: what both sides started from, what each says now, and what can be done. */
export function ConflictView({ id }: { id: string }) {
  const held = useRead(getAnyConflict(id))
  const value = held.value
  const title =
    value === undefined
      ? 'Conflict'
      : value.of === 'device'
        ? sentence(value.conflict)
        : conflictTitle(value.conflict)
  return (
    <>
      <Crumbs links={[['/conflicts', 'Conflicts']]} />
      <Heading title={title} />
      <Shown held={held} skeleton={<Lines n={8} />}>
        {(found) =>
          found.of === 'device' ? (
            <DeviceConflict conflict={found.conflict} />
          ) : (
            <RemoteConflict conflict={found.conflict} />
          )
        }
      </Shown>
    </>
  )
}
