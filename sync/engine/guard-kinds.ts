import type { ConflictRow } from './changes.ts'

/** What a remote shows is more than is let go unasked: rows of a part that are gone */
export const DELETIONS = 'deletion_guard'

/**
 * Kinds of conflicts that stop a part until a person says. Of links both ways also: nothing is left in the tab (`emptied`), something
 * else was put over it (`replaced`), another workbook has the same rows (`copied`).
 */
export const GUARDS: readonly string[] = [DELETIONS, 'emptied', 'replaced', 'copied']

export const isGuard = ({ kind }: Pick<ConflictRow, 'kind'>): boolean => GUARDS.includes(kind)
