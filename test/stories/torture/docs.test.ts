import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { acts } from './acts.ts'

const SECTION = '## What happens when people …'

test('the docs tell of every act that is tested, with its verdict, and of no other', () => {
  const docs = readFileSync('docs/sheets.md', 'utf8')
  const [, section = ''] = docs.split(SECTION)
  const [own = ''] = section.split('\n## ')
  const table = own.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| #'))
  expect(table).toEqual(acts.map(({ people, verdict }, n) => `| ${n + 1} | ${people} | ${verdict} |`))
})

test('there are forty acts or more, and no two of them are the same', () => {
  expect(acts.length).toBeGreaterThanOrEqual(40)
  expect(new Set(acts.map(({ people }) => people)).size).toBe(acts.length)
})
