import { InvalidArgumentError } from 'commander'

/** Table -> title of its tab */
export type Tabs = Readonly<Record<string, string>>

/** `ranks=Ränge`, as many as there are. */
export function tabTitle(text: string, before: Tabs = {}): Tabs {
  const [, table, title] = /^(\w+)=(.+)$/.exec(text.trim()) ?? []
  if (table === undefined || title === undefined)
    throw new InvalidArgumentError('Write table=title, as in ranks=Ränge.')
  return { ...before, [table]: title.trim() }
}
