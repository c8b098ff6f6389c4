import { getOpenConflicts } from '../data/api.ts'
import { useRead } from '../data/reads.ts'
import { exact } from '../format.ts'
import { Icon, type IconName } from '../parts/icons.tsx'
import { Mark } from '../parts/mark.tsx'
import { place } from '../router.ts'
import { ConnectionMark } from './connection.tsx'
import { Menu } from './menu.tsx'

const TABS = [
  ['/', 'Overview', 'overview', ['/projects', '/accounts']],
  ['/erp', 'ERP', 'erp', []],
  ['/sheets', 'Sheets', 'sheet', []],
  ['/runs', 'Runs', 'runs', []],
  ['/conflicts', 'Conflicts', 'conflict', ['/history']],
] as const satisfies readonly (readonly [string, string, IconName, readonly string[]])[]

/** Brand, places, how the page hears of changes, and the person. On a phone the places are at the thumb. */
export function Header() {
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href="/" aria-label="Tidemark, overview">
          <Mark />
          <span>Tidemark</span>
        </a>
        <nav class="tabs" aria-label="Main">
          {TABS.map(([href, text, icon, under]) => (
            <a key={href} href={href} aria-current={isHere(href, under) ? 'page' : undefined}>
              <Icon name={icon} />
              <span>{text}</span>
              {href === '/conflicts' && <OpenCount />}
            </a>
          ))}
        </nav>
        <div class="header-end">
          <ConnectionMark />
          <Menu />
        </div>
      </div>
    </header>
  )
}

function OpenCount() {
  const open = useRead(getOpenConflicts).value?.length ?? 0
  if (open === 0) return null
  return (
    <span class="count-badge">
      {exact(open)}
      <span class="hidden"> open</span>
    </span>
  )
}

function isHere(href: string, under: readonly string[]): boolean {
  const { path } = place.value
  if (path === href) return true
  return [...under, ...(href === '/' ? [] : [href])].some((prefix) => path.startsWith(`${prefix}/`))
}
