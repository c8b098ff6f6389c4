import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createGoogle, type Google, serve, type World } from '../emulators/google/index.ts'
import { type Channels, createYouTube, type YouTube } from '../emulators/youtube/index.ts'
import { withAppsScripts } from './apps-script.ts'
import { PATHS } from './home.ts'
import type { Keys } from './keys.ts'
import { PIN_NOTE, platformNumbers, WORKSPACE, workbook } from './workbook.ts'

/** Emulated Google and YouTube behind HTTP, their state kept in a file. */
export type Emulators = {
  url: string
  /** Made anew, not gone on with */
  fresh: boolean
  /** Installs the Apps Script of a workbook: from now on it tells of each edit of a person's */
  install: (spreadsheet: string, script: { readonly address: string; readonly secret: string }) => void
  /** How many calls were answered so far */
  calls: () => number
  close: () => Promise<void>
}

export async function startEmulators({ account, youtubeKey }: Keys, port: number): Promise<Emulators> {
  const google = createGoogle({ accounts: [account] })
  const youtube = createYouTube({ google, keys: [youtubeKey] })
  const kept = readKept()
  if (kept) {
    google.restore(kept.google)
    youtube.restore(kept.youtube)
  } else populate(google, youtube, account.email)

  let saved = kept
  const save = () => {
    const now = { google: google.snapshot(), youtube: youtube.snapshot() }
    if (now.google === saved?.google && now.youtube === saved.youtube) return
    writeFileSync(`${PATHS.emulators}.new`, JSON.stringify(now))
    renameSync(`${PATHS.emulators}.new`, PATHS.emulators)
    saved = now
  }
  save()
  const saving = setInterval(save, SAVE_MS)
  // The preferred port keeps the sheet's address the same; where it is taken, any other will do.
  const { google: edited, install } = withAppsScripts(google)
  const origin = { google: edited, youtube }
  const served = await serve({ ...origin, port }).catch(() => serve({ ...origin, port: 0 }))
  return {
    url: served.url,
    fresh: kept === null,
    install,
    calls: () => google.calls.length,
    async close() {
      clearInterval(saving)
      await served.close()
      save()
    },
  }
}

/** A demo that is killed loses this much of what people typed into the sheet. */
const SAVE_MS = 500

type Kept = { google: World; youtube: Channels }

function readKept(): Kept | null {
  try {
    return JSON.parse(readFileSync(PATHS.emulators, 'utf8')) as Kept
  } catch {
    return null
  }
}

function populate({ person }: Google, youtube: YouTube, email: string): void {
  person.create(workbook())
  person.setNote(WORKSPACE.spreadsheet_id, PIN_NOTE)
  person.share(WORKSPACE.spreadsheet_id, { email, role: 'writer' })
  for (const [n, { platform, username, numbers }] of platformNumbers().entries()) {
    if (platform === 'YouTube') {
      youtube.person.setChannel(`UC${String(n).padStart(22, '0')}`, {
        title: username,
        handle: `@${username}`,
        subscriberCount: numbers.followers,
        viewCount: numbers.views,
        videoCount: numbers.videos,
      })
    } else youtube.person.setStatistics(platform, username, numbers)
  }
}
