import { benchCommit } from './commit.ts'

await benchCommit()
