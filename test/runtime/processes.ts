import { readdirSync, readFileSync } from 'node:fs'

/** A process that lives: not one that has ended and waits for its parent to notice. */
export type Process = { pid: number; parent: number; group: number; command: string }

/** Every living process of this machine; empty where there is no /proc. */
export function processes(): Process[] {
  let entries: string[]
  try {
    entries = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return entries.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // pid (command) state parent group …: the command may hold spaces and brackets.
      const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z' || state === 'X') return []
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      return [{ pid: Number(pid), parent: Number(parent), group: Number(group), command }]
    } catch {
      return []
    }
  })
}

/** The living processes of a group. */
export const groupOf = (group: number) => processes().filter((process) => process.group === group)

/** A process and all that descend from it, as they are now. */
export function treeOf(pid: number): Process[] {
  const all = processes()
  const tree = all.filter((process) => process.pid === pid)
  for (const member of tree) tree.push(...all.filter((process) => process.parent === member.pid))
  return tree
}
