/**
 * An emulated Google: token endpoint, Sheets v4, Drive v3.
 *
 *     const google = createGoogle({ clock, random, sleep })
 *     google.person.create({ id: 'book', sheets: [{ title: 'Accounts', rows: [['url', 'followers']] }] })
 *     google.person.share('book', { email, role: 'writer' })
 *     const token = google.grant(email)                       // or POST /token with a signed assertion
 *     await google.fetch('https://any.origin/v4/spreadsheets/book', { headers: { authorization: `Bearer ${token}` } })
 *
 *     google.faults.add({ match: { kind: 'write' }, times: 1, do: { lost: true } })
 *     const hold = google.faults.hold({ api: 'sheets.batchUpdate' })
 *     await hold.arrived(); google.person.set('book', { cell: 'Accounts!B2', text: '7' }); hold.release()
 *
 * `serve({ google, youtube, port })` puts it behind HTTP, with the grid page at `/`.
 */
export { type Credentials, generateServiceAccount } from './auth.ts'
export type { FaultAction } from './faults.ts'
export type { RecordedCall } from './front.ts'
export { createGoogle, type Google, type GoogleOptions } from './google.ts'
export type { ServiceAccount, World } from './model.ts'
export { type Served, serve } from './server.ts'
