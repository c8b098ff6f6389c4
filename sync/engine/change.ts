import type { ChangeAnswer, ChangeRequest } from '../protocol/lane.ts'
import type { Fence } from './commit.ts'
import type { LinkDeclaration, TableDeclaration } from './declare.ts'
import type { Engine } from './ports.ts'

/** Plans or applies a proposal. */
export async function applyChange(
  _engine: Engine,
  _declared: {
    readonly tables: ReadonlyMap<string, TableDeclaration>
    readonly links: readonly LinkDeclaration[]
  },
  fence: Fence,
  _request: ChangeRequest,
): Promise<{ type: 'stale' } | { type: 'answer'; answer: ChangeAnswer; fence: Fence }> {
  return {
    type: 'answer',
    fence,
    answer: { type: 'failed', failure: { type: 'bad_request', detail: 'unfinished' } },
  }
}
