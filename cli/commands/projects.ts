import type { Project } from '../../sync/protocol/smart-sync.ts'
import { command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { number, table } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const projects = command(
  (declared) => declared.name('projects').summary('projects and their totals'),
  async (context) => {
    const client = await context.connect()
    context.show(await client.projects(), projectsInWords)
    return EXIT.fine
  },
)

export function projectsInWords(rows: readonly Project[], paper: Paper): string[] {
  if (rows.length === 0) return ['No projects yet.']
  const { paint } = paper
  return table(
    [
      { title: 'project', cell: ({ name }) => name, shrinks: true, paint: paint.bold },
      { title: 'accounts', cell: ({ accounts }) => number(accounts), align: 'right' },
      { title: 'followers', cell: ({ totals }) => number(totals.followers), align: 'right' },
      { title: 'likes', cell: ({ totals }) => number(totals.likes), align: 'right' },
      { title: 'comments', cell: ({ totals }) => number(totals.comments), align: 'right' },
      { title: 'videos', cell: ({ totals }) => number(totals.videos), align: 'right' },
      { title: 'views', cell: ({ totals }) => number(totals.views), align: 'right' },
      { title: '', cell: ({ active }) => (active ? '' : 'not active'), paint: paint.yellow },
      { title: 'id', cell: ({ id }) => id, paint: paint.dim },
    ],
    rows,
    paper,
  )
}
