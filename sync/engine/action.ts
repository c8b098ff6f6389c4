import type { Row, Statement } from '../../db/database.ts'
import type { ActionAnswer, ActionRequest } from '../protocol/lane.ts'
import { assertEpoch, type Fence, isEpochFailure } from './commit.ts'
import type { LinkDeclaration } from './declare.ts'
import { digest } from './digest.ts'
import type { Action, Engine, RemoteContext } from './ports.ts'
import { afterFailure, retryDelay } from './retry.ts'
import { readFrame } from './run-frame.ts'

/** An action as a lane holds it; its row in D1 says the same. */
export interface ActionState {
  readonly id: string
  readonly link: string
  readonly scope: string
  readonly kind: string
  readonly key: string
  readonly body: unknown
  status: 'queued' | 'sending'
  /** Looks for it, or tries to send it, since this instance took it up */
  tries: number
  waitingSince: number | null
  notBefore: number
  /** Unexpected errors (database, bugs) in a row */
  errors: number
}

export type ActionStep =
  | { readonly type: 'ended'; readonly done: boolean }
  | { readonly type: 'wait'; readonly at: number }
  /** Another instance holds the lane */
  | { readonly type: 'stale' }

const LOOK =
  'Look for it in the remote. It is never sent twice: if it is not there, ask for it again under a new key.'

/** How often an action whose answer was lost is looked for before a person must: the remote may still be at it. */
const LOOKS = 4

/** Takes an action on: its row is in D1 before this answers. A known key with the same content is the same action. */
export async function takeAction(
  { database, ids, clock }: Engine,
  fence: Fence,
  request: ActionRequest,
): Promise<ActionAnswer | 'stale'> {
  const body = JSON.stringify(request.body)
  const content = digest(JSON.stringify([request.link, request.scope, request.kind, body]))
  try {
    const [, , found] = await database.batch([
      assertEpoch(fence),
      {
        sql: `INSERT INTO actions (id, link, scope, lane, kind, key, content, body, status, actor, created_at)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, ?10) ON CONFLICT (lane, key) DO NOTHING`,
        params: [
          ids.next(),
          request.link,
          request.scope,
          fence.lane,
          request.kind,
          request.key,
          content,
          body,
          request.actor,
          clock.now(),
        ],
      },
      {
        sql: 'SELECT id, content, finished_at FROM actions WHERE lane = ?1 AND key = ?2',
        params: [fence.lane, request.key],
      },
    ])
    const row = found?.rows[0]
    if (!row) throw new Error(`the action ${request.key} was not stored`)
    if (row.content !== content)
      return {
        type: 'failed',
        failure: {
          type: 'conflict',
          detail: `The key ${request.key} was used for something else before.`,
          kept: 'What was asked for under this key before stays.',
          mend: 'Use a new key for another request.',
        },
      }
    return { type: row.finished_at === null ? 'accepted' : 'known', id: String(row.id) }
  } catch (error) {
    if (isEpochFailure(String(error))) return 'stale'
    throw error
  }
}

/**
 * One step of an action. It is marked as sent before it is sent, so that after a crash it is looked for and never sent
 * twice:
 *
 *   queued ──mark──► sending ──perform──► done | refused
 *     ▲                 │  └──── lost ──► look for it by its key ──found──► done
 *     └── not sent ─────┘                        └── not there, several times ──► unknown: a person says
 */
export async function stepAction(
  engine: Engine,
  fence: Fence,
  link: LinkDeclaration,
  action: ActionState,
): Promise<ActionStep> {
  const frame = await readFrame(engine.database, link, action.scope)
  const update = (sql: string, params: Statement['params']): Statement => ({
    sql: `UPDATE actions SET ${sql} WHERE id = ?1 AND finished_at IS NULL`,
    params: [action.id, ...params],
  })
  const save = (sql: string, ...params: Statement['params']) => fenced(engine, fence, [update(sql, params)])
  const end = async (
    status: string,
    words: { result?: Row; reason?: string; mend?: string },
    done: boolean,
  ) => {
    const { result = null, reason = null, mend = null } = words
    const now = engine.clock.now()
    const saved = await fenced(engine, fence, [
      update('status = ?2, result = ?3, reason = ?4, mend = ?5, finished_at = ?6', [
        status,
        result && JSON.stringify(result),
        reason,
        mend,
        now,
      ]),
      ...(link.settles?.(action.scope, now) ?? []),
    ])
    engine.log('action.ended', { action: action.id, lane: fence.lane, link: link.name, status, reason })
    return saved === null ? ({ type: 'stale' } as const) : ({ type: 'ended', done } as const)
  }
  if (!frame)
    return end(
      'refused',
      { reason: `${action.scope} does not exist any more`, mend: 'Nothing was sent.' },
      false,
    )
  const remote = engine.remotes(link.remote)
  if (!remote.perform || !remote.find) throw new Error(`${link.remote} can't do ${action.kind}`)
  const context: RemoteContext = {
    target: frame.target,
    columns: frame.columns,
    parts: frame.parts,
    subjects: [],
    memory: null,
    remember: () => undefined,
    keep: async () => false,
    settings: frame.settings,
    ahead: frame.ahead,
    scratch: new Map(),
    priority: link.priority,
    waits: () => undefined,
    called: () => undefined,
  }
  const asked: Action = { kind: action.kind, key: `${action.scope}:${action.key}`, body: action.body }

  if (action.status === 'queued') {
    const marked = await save(`status = 'sending', sent_at = ?2`, engine.clock.now())
    if (marked === null) return { type: 'stale' }
    // It ended already, and this instance had heard of it before: whoever sends without a mark sends twice.
    if (marked === 0) return { type: 'ended', done: false }
    action.status = 'sending'
    const performed = await remote.perform(context, asked)
    if (performed.type === 'done') return end('done', { result: performed.result }, true)
    if (performed.type === 'refused') return end('refused', performed, false)
    if (performed.type === 'not_sent') {
      action.tries++
      action.waitingSince ??= engine.clock.now()
      const { tries, waitingSince } = action
      const next = afterFailure(performed.failure, tries, waitingSince, engine.clock.now(), engine.random)
      if (next.type === 'give_up')
        return end('refused', { reason: next.reason, mend: `${next.mend} Nothing was sent.` }, false)
      if ((await save(`status = 'queued', sent_at = NULL`)) === null) return { type: 'stale' }
      action.status = 'queued'
      return { type: 'wait', at: next.at }
    }
    action.tries = 0
    action.waitingSince = null
    engine.log('action.lost', { action: action.id, lane: fence.lane, reason: performed.reason })
  }
  const found = await remote.find(context, asked)
  if (found.ok && found.value) return end('done', { result: found.value }, true)
  action.tries++
  action.waitingSince ??= engine.clock.now()
  if (action.tries < LOOKS || (!found.ok && found.failure.type !== 'refused' && action.tries < 3 * LOOKS))
    return { type: 'wait', at: engine.clock.now() + retryDelay(action.tries + 2, engine.random) }
  return end(
    'unknown',
    {
      reason: found.ok
        ? 'It was sent, no answer came, and it is not to be found'
        : `It was sent, no answer came, and it can't be looked for: ${found.failure.reason}`,
      mend: LOOK,
    },
    false,
  )
}

/** Ends an action that can't go on: it was never sent, or nobody knows. */
export async function giveUpAction(
  engine: Engine,
  fence: Fence,
  link: LinkDeclaration,
  action: ActionState,
): Promise<boolean> {
  const now = engine.clock.now()
  const update: Statement = {
    sql: `UPDATE actions SET status = ?2, reason = 'Something unexpected went wrong; the log has the details.', mend = ?3,
      finished_at = ?4 WHERE id = ?1 AND finished_at IS NULL`,
    params: [
      action.id,
      action.status === 'queued' ? 'refused' : 'unknown',
      action.status === 'queued' ? 'Nothing was sent; ask again under a new key.' : LOOK,
      now,
    ],
  }
  return (await fenced(engine, fence, [update, ...(link.settles?.(action.scope, now) ?? [])])) !== null
}

/** An action from its row. */
export const actionFromRow = (row: Row): ActionState => ({
  id: String(row.id),
  link: String(row.link),
  scope: String(row.scope),
  kind: String(row.kind),
  key: String(row.key),
  body: JSON.parse(String(row.body)),
  status: row.status === 'sending' ? 'sending' : 'queued',
  tries: 0,
  waitingSince: null,
  notBefore: 0,
  errors: 0,
})

/** Rows that the first statement wrote; null: another instance holds the lane. */
async function fenced(
  { database, beforeBatch }: Engine,
  fence: Fence,
  statements: readonly Statement[],
): Promise<number | null> {
  await beforeBatch()
  try {
    const [, written] = await database.batch([assertEpoch(fence), ...statements])
    return written?.rowsWritten ?? 0
  } catch (error) {
    if (isEpochFailure(String(error))) return null
    throw error
  }
}
