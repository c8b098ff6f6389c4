import { systems } from '../../sync/systems/index.ts'

// Names of lanes are made here and nowhere else, from what the systems declare.

/** The link of smart sync that reads the sheets. */
export const SHEET_LINK = 'smart-sync.sheet'

/** The lane of a link in a scope. An undeclared link is a bug. */
function laneOf(link: string, scope: string): string {
  const declared = systems.flatMap((system) => system.links).find(({ name }) => name === link)
  if (!declared) throw new Error(`no system declares ${link}`)
  return declared.lane(scope)
}

/** A workspace's lane: accounts, readings and pins of its projects are written there. */
export const workspaceLane = (workspace: string): string => laneOf(SHEET_LINK, workspace)
