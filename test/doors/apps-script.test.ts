import { beforeEach, describe, expect, it } from 'vitest'
import { APPS_SCRIPT } from '../../sync/remotes/google-sheets/apps-script/text.ts'
import { moduleOf, scriptText } from './apps-script.ts'
import { type ScriptWorld, type Sent, scriptWorld } from './apps-script-world.ts'
import { linkSheet, WORKBOOK } from './reference-world.ts'
import { type Answer, type Doors, ORIGIN, openDoors } from './world.ts'

// The script that admins paste into a workbook, as the file stands, in front of the real door.

it('is shipped word by word', async () => {
  await expect(moduleOf(scriptText())).toMatchFileSnapshot(
    '../../sync/remotes/google-sheets/apps-script/text.ts',
  )
  expect(APPS_SCRIPT).toBe(scriptText())
})

interface Script {
  readonly script: string
  readonly address: string
  readonly secret: string
  readonly property: string
}

let doors: Doors
let given: Script
let sheet: ScriptWorld

beforeEach(async () => {
  doors = await openDoors()
  linkSheet(doors)
  const answer = await doors.call('admin', 'POST', '/api/sheets/reference/script')
  given = answer.json<Script>()
  sheet = scriptWorld(given.script, WORKBOOK)
  sheet.properties.set(given.property, given.secret)
})

/** What the script sent, as it comes to the door. */
const arrive = ({ url, headers, body }: Sent): Promise<Answer> =>
  doors.call(null, 'POST', new URL(url).pathname, { headers, body: JSON.parse(body) })

describe('connect', () => {
  it('sets a trigger for edits and one for changes of another kind, and tries it', () => {
    sheet.script.connect()
    expect(sheet.triggers).toEqual([
      { handler: 'changed', on: 'edit' },
      { handler: 'changed', on: 'change' },
    ])
    expect(sheet.sent.map(({ url }) => url)).toEqual([`${ORIGIN}/hooks/sheets`])
  })

  it('run again leaves no trigger twice, and disconnect none', () => {
    sheet.script.connect()
    sheet.script.connect()
    expect(sheet.triggers).toHaveLength(2)
    sheet.script.disconnect()
    expect(sheet.triggers).toEqual([])
  })

  it('says what is missing or refused, and sets no trigger then', () => {
    sheet.properties.clear()
    expect(() => sheet.script.connect()).toThrow('the script property TIDEMARK_SECRET is missing')
    sheet.properties.set(given.property, given.secret)
    sheet.answer = () => ({ status: 401, text: 'The ping is not believed' })
    expect(() => sheet.script.connect()).toThrow('401 The ping is not believed')
    expect(sheet.triggers).toEqual([])
  })
})

describe('an edit', () => {
  it('is told, signed so that the door believes it, and starts a run', async () => {
    sheet.script.changed()
    const [sent] = sheet.sent
    const answer = await arrive(sent as Sent)
    expect(answer.status).toBe(202)
    expect(answer.json<{ runs: object[] }>().runs).toMatchObject([
      { link: 'reference.sheet', scope: 'shared' },
    ])
  })

  it('takes nothing of what stands in the sheet with it, and no secret', () => {
    sheet.script.changed()
    const [sent] = sheet.sent
    expect(JSON.parse(String(sent?.body))).toEqual({ spreadsheet_id: WORKBOOK })
    expect(JSON.stringify(sheet.sent)).not.toContain(given.secret.replace('whsec_', ''))
    expect(given.script).not.toContain(given.secret.replace('whsec_', ''))
  })

  it('in a burst is told once, after the last of them; the next one is told again', () => {
    let more = 20
    sheet.asleep = () => {
      while (more-- > 0) sheet.script.changed()
      expect(sheet.sent).toEqual([])
    }
    sheet.script.changed()
    sheet.asleep = () => undefined
    expect(sheet.warnings).toEqual([])
    expect(sheet.sent).toHaveLength(1)
    expect(sheet.slept).toBe(2_000)
    sheet.script.changed()
    expect(sheet.sent).toHaveLength(2)
  })

  it('that comes while the ping is on its way is told too', () => {
    let once = true
    sheet.answer = () => {
      if (once) {
        once = false
        sheet.script.changed()
      }
      return { status: 202, text: '' }
    }
    sheet.script.changed()
    expect(sheet.sent).toHaveLength(2)
  })

  it.each([
    [
      'the network is away',
      () => {
        throw new Error('DNS error')
      },
      /DNS error/,
    ],
    ['the server is down', () => ({ status: 503, text: 'Busy' }), /503 Busy/],
  ])('is nobody’s trouble while %s: it stands in the log', (_, answer, said) => {
    sheet.answer = answer
    expect(() => sheet.script.changed()).not.toThrow()
    expect(sheet.warnings).toEqual([expect.stringMatching(said)])
    expect(sheet.sent.every(({ quiet }) => quiet)).toBe(true)
    sheet.answer = () => ({ status: 202, text: '' })
    sheet.script.changed()
    expect(sheet.sent).toHaveLength(2)
  })
})
