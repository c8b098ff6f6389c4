import prepare from '../runtime/prepare.ts'
import { configure, startStack } from '../stack/stack.ts'
import { launch, openPage } from './browser.ts'
await prepare()
const stack = await startStack()
await configure(stack, 2, 3)
console.log((await stack.call('POST', '/api/admin/smart_sync')).status)
const b = await launch(); const p = await openPage(b)
p.on('pageerror', (e) => console.log('ERR', e.message))
p.on('console', (m) => console.log('CONSOLE', m.text()))
p.on('response', async (r) => { console.log(r.status(), r.request().method(), r.url(), r.status() >= 400 ? await r.text() : '') })
const r = await stack.call<{code:string}>('POST', '/api/codes', { body: { role: 'admin', name: 'Ada' } })
console.log(stack.runtime.url, r.status, JSON.stringify(r.body))
await p.goto((r.body as unknown as {url:string}).url)
await p.waitForTimeout(3000)
console.log(await p.locator('body').textContent())
for (const l of stack.runtime.logs()) if (/error|door/.test(l.message)) console.log(l.message.slice(0,600))
await b.close(); await stack.close()
