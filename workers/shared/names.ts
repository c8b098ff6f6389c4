import type { Belonging } from '../../db/reads/history.ts'
import type { DeviceDeclaration, LinkDeclaration, TableDeclaration, Tie } from '../../sync/engine/declare.ts'
import { systems } from '../../sync/systems/index.ts'

// Names of lanes, links and gates are made here and nowhere else, from what the systems declare.

/** The link of smart sync that reads the sheets. */
export const SHEET_LINK = 'smart-sync.sheet'

/** The scope of a link that is the same for all. */
export const SHARED = 'shared'

const links = systems.flatMap((system) => system.links)

/** A table that devices keep copies of. */
export type DeviceTable = TableDeclaration & { readonly device: DeviceDeclaration }

export const deviceTables: readonly DeviceTable[] = systems
  .flatMap(({ tables }) => tables)
  .filter((table): table is DeviceTable => table.device !== null && table.device.offered !== false)

/** A table that devices keep, by name. An undeclared one is a bug. */
export function deviceTable(name: string): DeviceTable {
  const declared = deviceTables.find((table) => table.name === name)
  if (!declared) throw new Error(`no system declares a table ${name} for devices`)
  return declared
}

/** Every table, by name. */
const declaredTables: ReadonlyMap<string, TableDeclaration> = new Map(
  systems.flatMap(({ tables }) => tables).map((table) => [table.name, table]),
)

/** Names of all tables. */
export const tableNames: readonly string[] = [...declaredTables.keys()]

/** A table, by name. An undeclared one is a bug. */
export function declaredTable(name: string): TableDeclaration {
  const declared = declaredTables.get(name)
  if (!declared) throw new Error(`no system declares a table ${name}`)
  return declared
}

/** The key of what an operator sets for all collections. */
export const COLLECTIONS = 'sync.collections'

/** Collections, in the order of their declaration: an operator may pause each of them. */
export const collections: readonly DeviceTable[] = deviceTables.filter(
  ({ device }) => device.config === COLLECTIONS,
)

/** The lane that syncs of all devices are told of: who asked for one, and who reports one, meet there. */
export function syncsLane(): string {
  const [first] = collections
  if (!first) throw new Error('no system declares a collection')
  return first.device.lane(null)
}

/** A table whose changes are in the history, and how the doors find those of a row. */
export interface RecordedTable {
  readonly name: string
  readonly key: string
  readonly belongs: Belonging
  /** The lane of rows of this scope */
  readonly lane: (scope: string) => string
  /** What a row is called here, whatever a caller calls it */
  readonly nameOf: (called: string) => string
}

/** Every table with a history. Whose a row is follows from its columns. */
export const recordedTables: readonly RecordedTable[] = [...declaredTables.values()]
  .filter(({ history }) => history)
  .map((table) => ({
    name: table.name,
    key: table.key,
    belongs: table.columns.includes('project_id')
      ? 'project'
      : table.columns.includes('user_id')
        ? 'user'
        : 'all',
    lane: laneOf(table),
    nameOf: (called) => table.device?.key(called) ?? called,
  }))

/** A table with a history, by name. An undeclared one is a bug. */
export function recordedTable(name: string): RecordedTable {
  const declared = recordedTables.find((table) => table.name === name)
  if (!declared) throw new Error(`no system declares a table ${name} with a history`)
  return declared
}

/** Where rows of a table are written: the lane of its link, or that of the devices that keep it. */
function laneOf({ name, device }: TableDeclaration): RecordedTable['lane'] {
  const link = links.find(({ table, exports }) => table.name === name && !exports)
  if (link) return link.lane
  if (device) return device.lane
  throw new Error(`nothing writes ${name}`)
}

/** A link both ways. */
export type BothWayLink = LinkDeclaration & { readonly ties: Readonly<Record<string, Tie>> }

/** Links both ways, in the order of their declaration. */
export const bothWayLinks: readonly BothWayLink[] = links.filter(
  (link): link is BothWayLink => link.ties !== undefined,
)

/** Their names. */
export const bothWayNames: readonly string[] = bothWayLinks.map(({ name }) => name)

/** What an operator calls a link both ways: `reference` of `reference.sheet`. */
export const sheetName = ({ name }: BothWayLink): string => name.replace(/\.sheet$/, '')

/** The link both ways of the reference tables. */
export const referenceLink = bothWayLink('reference.sheet')

function bothWayLink(name: string): BothWayLink {
  const declared = bothWayLinks.find((link) => link.name === name)
  if (!declared) throw new Error(`no system declares ${name}`)
  return declared
}

/** A link, by its whole name. An undeclared one is a bug. */
export function linkNamed(name: string): LinkDeclaration {
  const declared = links.find((link) => link.name === name)
  if (!declared) throw new Error(`no system declares ${name}`)
  return declared
}

/** The remote that lists are read from page by page, and the gate that its callers pass. */
const ERP = 'erp'
export const ERP_GATE = ERP
/** Links of the ERP, in the order of their declaration. */
export const erpLinks: readonly LinkDeclaration[] = links.filter(({ remote }) => remote === ERP)

/** A workspace's lane: accounts, readings and pins of its projects are written there. */
export const workspaceLane = (workspace: string): string => linkNamed(SHEET_LINK).lane(workspace)

/** Links of a system. */
export const linksOf = (system: string): readonly LinkDeclaration[] =>
  systems.find(({ name }) => name === system)?.links ?? []

/** The system that a link belongs to. */
export const systemOf = (link: LinkDeclaration): string =>
  systems.find((system) => system.links.includes(link))?.name ?? ''

/** Links that each user has for himself. */
export const userLinks: readonly LinkDeclaration[] = links.filter(({ scopes }) => scopes.per === 'user')

const linksOfAll = links.filter(({ scopes }) => scopes.per === 'shared')

/** Links that are the same for all. Copies of whole tables are nobody's but an admin's. */
export const sharedLinks: readonly LinkDeclaration[] = linksOfAll.filter(({ exports }) => !exports)

/** Links that copy whole tables out. */
export const exportLinks: readonly LinkDeclaration[] = linksOfAll.filter(({ exports }) => exports)

/** The scope of a link for a user. */
export const scopeFor = (link: LinkDeclaration, user: string): string =>
  link.scopes.per === 'shared' ? SHARED : user

/** The link through which people do this in its remote. An undeclared kind is a bug. */
export function linkOfAction(kind: string): LinkDeclaration {
  const declared = links.find(({ actions }) => actions?.includes(kind))
  if (!declared) throw new Error(`no link declares ${kind}`)
  return declared
}

/** Links whose rows somebody reads who reads this table, and that are asked when they are old. */
export const lazyLinks = (table: string): readonly LinkDeclaration[] =>
  links.filter((link) => link.table.name === table && link.schedule.lazy !== undefined)

/** The link of this table whose rows wait until there is a row that they match. An undeclared one is a bug. */
export function waitingLink(table: string): LinkDeclaration {
  const declared = links.find((link) => link.table.name === table && link.adds === false)
  if (!declared) throw new Error(`no link of ${table} lets rows wait`)
  return declared
}

/**
 * Which link and scope a lane belongs to that is a user's or all people's; null where no declaration makes that name.
 * Whether the scope exists is for the database to say.
 */
export function scopeOfLane(lane: string): { readonly link: LinkDeclaration; readonly scope: string } | null {
  for (const link of [...userLinks, ...linksOfAll]) {
    const scope = link.scopes.per === 'shared' ? SHARED : lane.slice(link.lane('').length)
    if (scope !== '' && link.lane(scope) === lane) return { link, scope }
  }
  return null
}
