import { test } from 'vitest'
import { site } from './site.ts'

test('x', async () => {
  const at = site()
  for (const e of [
    [
      ['update', '1', { username: 'ann' }, {}],
      ['update', '1', {}, {}],
    ],
    [['insert', '1', { username: 'ann' }, {}]],
    [['insert', '1', { username: 'ann' }, { username: 'ann' }]],
    [['delete', '1', {}, { username: 'ann', name: null }]],
  ] as any) {
    try {
      console.log(JSON.stringify(await at.push('a', ...e)))
    } catch (x) {
      console.log(String(x), JSON.stringify(e))
    }
    console.log(JSON.stringify(at.rows('select * from admins')))
  }
})
