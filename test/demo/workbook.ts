import type { NewSpreadsheet } from '../emulators/google/person.ts'
import { REFERENCE_TABS } from './reference-tabs.ts'

/** A reading as a parser reports it, without its time. */
export type DemoReading = { project_id: string; profile_url: string; metric: string; value: number }

export const WORKSPACE = { id: 'demo', name: 'Demo workspace', spreadsheet_id: 'tidemark-demo-workbook' }

/** Five projects, each a tab of the workbook, in time zones that don't agree about what day it is. */
export const PROJECTS = [
  { id: 'coastal-kitchen', name: 'Coastal Kitchen', time_zone: 'UTC', size: 40_000 },
  { id: 'northlight-travel', name: 'Northlight Travel', time_zone: 'Europe/Oslo', size: 220_000 },
  { id: 'trailhead-gear', name: 'Trailhead Gear', time_zone: 'America/Denver', size: 12_000 },
  { id: 'little-orchard', name: 'Little Orchard Toys', time_zone: 'Europe/Berlin', size: 6_000 },
  { id: 'studio-meridian', name: 'Studio Meridian', time_zone: 'Asia/Tokyo', size: 900_000 },
] as const
type ProjectId = (typeof PROJECTS)[number]['id']

const HANDLES: Record<ProjectId, string> = {
  'coastal-kitchen':
    'coastalkitchen saltandlemon tide.table thecrabshack harbourbakes weeknightfish seaweedlab chowderclub kelpnoodle galley.notes',
  'northlight-travel':
    'northlighttravel fjordbyfjord slowtrains aurora.diary cabinseason ferrypass midnightsunrun lofotenweekend packedlight mapsandmugs',
  'trailhead-gear':
    'trailheadgear switchbackfilms bootsfirst alpinestartclub ridgelinetests campstovewars ultralightish canyonmornings mudseason repairnight',
  'little-orchard':
    'littleorchardtoys woodenthings playroomproject blocksbyada puzzlepear quietsunday craftswithtom bedtimeradio treehouseplans kiteweather',
  'studio-meridian':
    'studiomeridian typeandtide colorgrade.daily nightshootjp framebyframe foleyroom signagewalks inkandpixel slowmotionlab titlecards',
}

const PLATFORMS = [
  { name: 'YouTube', url: (handle: string) => `https://www.youtube.com/@${handle}` },
  { name: 'TikTok', url: (handle: string) => `https://www.tiktok.com/@${handle}` },
  { name: 'Instagram', url: (handle: string) => `https://www.instagram.com/${handle}/` },
] as const

type Account = { url: string; platform: string; username: string; numbers: number[] }

/** The tab's accounts, as neat as nobody's sheet is. The same numbers at every start. */
function accountsOf(project: (typeof PROJECTS)[number]): Account[] {
  const random = generator(project.id)
  return HANDLES[project.id].split(' ').map((username, n) => {
    const platform = PLATFORMS[n % PLATFORMS.length] ?? PLATFORMS[0]
    const followers = Math.round(project.size * (1.6 - n * 0.13) * (0.7 + 0.6 * random()))
    const videos = 20 + Math.round(400 * random())
    const views = Math.round(followers * videos * (0.2 + random()))
    const likes = Math.round(views * (0.02 + 0.06 * random()))
    const comments = Math.round(likes * (0.01 + 0.05 * random()))
    return {
      url: platform.url(username),
      platform: platform.name,
      username,
      numbers: [followers, likes, comments, videos, views],
    }
  })
}

const HEADERS = ['Profile URL', 'Platform', 'Username', 'Followers', 'Likes', 'Comments', 'Videos', 'Views']

/** The workbook as people left it: typed numbers, gaps, a row pasted twice, columns in their own order. */
export function workbook(): NewSpreadsheet {
  return {
    id: WORKSPACE.spreadsheet_id,
    title: 'Social accounts',
    locale: 'en_US',
    timeZone: 'Etc/GMT',
    owner: 'mara@example.com',
    sheets: [
      ...PROJECTS.map((project, index) => ({
        title: project.name,
        sheetId: index === 0 ? 0 : 1_000 + index,
        rows: tab(project.id, [[...HEADERS], ...accountsOf(project).map(rowOf)]),
      })),
      ...REFERENCE_TABS,
    ],
  }
}

type Cell = string | number
type Rows = Cell[][]

const rowOf = ({ url, platform, username, numbers }: Account): Cell[] => [url, platform, username, ...numbers]

/** What is peculiar about each tab. */
function tab(project: ProjectId, rows: Rows): Rows {
  const put = (row: number, column: string, value: Cell) => {
    const cells = rows[row]
    const index = rows[0]?.indexOf(column) ?? -1
    if (cells && index >= 0) cells[index] = value
  }
  switch (project) {
    case 'coastal-kitchen':
      put(3, 'Followers', '61.2K')
      put(4, 'Views', 'n/a')
      put(6, 'Comments', '')
      // The same profile once more, as it comes out of the share button.
      rows.push([`${rows[2]?.[0]}?utm_source=share`, ...(rows[2] ?? []).slice(1)])
      return rows
    case 'northlight-travel':
      for (const row of rows) row.splice(3, 0, row === rows[0] ? 'Owner' : 'Jonas')
      put(0, 'Followers', 'Subscribers')
      put(2, 'Views', '1,284,300')
      put(5, 'Likes', 'ask Jonas')
      return rows
    case 'trailhead-gear':
      for (const [index, row] of rows.entries()) row.push(index === 0 ? 'Pin' : index === 2 ? 'views' : '')
      put(2, 'Views', 150_000)
      return rows
    case 'little-orchard':
      put(7, 'Followers', '~4k?')
      return rows
    case 'studio-meridian':
      // Metrics first, addresses last.
      return rows.map((row) => [...row.slice(3), ...row.slice(0, 3)])
  }
}

/** The note that pins a cell: MAX alone would never accept a correction downwards. */
export const PIN_NOTE = { cell: "'Coastal Kitchen'!D2", note: 'pin' }

/** What the platforms themselves know: a little more than somebody once typed into the sheet. */
export function platformNumbers() {
  return PROJECTS.flatMap((project) =>
    accountsOf(project).map(({ url, platform, username, numbers }) => {
      const [followers = 0, likes = 0, comments = 0, videos = 0, views = 0] = numbers.map(grown)
      return {
        project_id: project.id,
        url,
        platform,
        username,
        numbers: { followers, likes, comments, videos, views },
      }
    }),
  )
}

/** What a parser of the customer's reports: the likes of a few accounts. */
export function readings(): DemoReading[] {
  return platformNumbers()
    .filter((_, n) => n % 4 === 1)
    .map(({ project_id, url, numbers }) => ({
      project_id,
      profile_url: url,
      metric: 'likes',
      value: grown(numbers.likes),
    }))
}

const grown = (number: number) => Math.round(number * 1.013)

/** Numbers in [0, 1) that depend on the seed alone (xorshift on a hash of it). */
function generator(seed: string): () => number {
  let state = 2_166_136_261
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16_777_619)
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
