import type { Failure } from './failures.ts'
import type { Trigger } from './runs.ts'

// What travels between the doors and a lane (Durable Object RPC). Plain data; fields are only ever added.

/** Please bring this link up to date in this scope. */
export interface RunRequest {
  readonly link: string
  readonly scope: string
  /** Part ids; null: all */
  readonly parts: readonly string[] | null
  readonly trigger: Trigger
  /** Read everything, whatever the remote's stamp says */
  readonly full: boolean
  /** Who asks: a token's name, `cron` */
  readonly actor: string
}

/** `joined`: an equal run had not begun to read. `skipped`: not due. */
export type RunAnswer =
  | { readonly type: 'queued' | 'joined'; readonly runId: string }
  | { readonly type: 'skipped'; readonly reason: string }

/** Please do this in the link's remote, exactly once however often it is asked. */
export interface ActionRequest {
  readonly link: string
  readonly scope: string
  readonly kind: string
  /** The caller's own; the same key with other content is refused */
  readonly key: string
  readonly body: unknown
  readonly actor: string
}

/** Where an action stands; its row in `actions` says more. */
export type ActionAnswer =
  | { readonly type: 'accepted' | 'known'; readonly id: string }
  | ({ readonly type: 'failed' } & { readonly failure: Failure })

/** One change that a device, parser or person proposes. */
export type Mutation =
  | {
      readonly type: 'propose'
      readonly table: string
      readonly key: string
      readonly values: Readonly<Record<string, string | number | null>>
    }
  | {
      readonly type: 'pin'
      readonly table: string
      readonly key: string
      readonly column: string
      /** Absent: what the value is now */
      readonly value?: string | number | null
      readonly note: string
      /** Milliseconds; null: until released */
      readonly until: number | null
    }
  | { readonly type: 'unpin'; readonly table: string; readonly key: string; readonly column: string }
  /** A device's edit of a row: the columns that changed, and what they were */
  | {
      readonly type: 'edit'
      readonly op: 'insert' | 'update' | 'delete'
      readonly table: string
      readonly key: string
      readonly values: Readonly<Record<string, string | number | null>>
      readonly base: Readonly<Record<string, string | number | null>>
      /** By the device's clock, in milliseconds; null: not said */
      readonly at: number | null
      /** Rejected (`moved: …`) unless the row stands at this version; 0: unless there is no such row */
      readonly if_version?: number
    }
  /** What the door could not read: it has a number all the same, and is answered with the reason */
  | { readonly type: 'unread'; readonly table: string; readonly key: string; readonly reason: string }

/** Mutations that are applied in order, in one commit. Repeating a push with the same id changes nothing. */
export interface Push {
  readonly id: string
  readonly actor: string
  readonly origin: string
  readonly mutations: readonly Mutation[]
  /** Where it comes from a device: the mutations are numbered from `first`, and `id` means nothing */
  readonly device?: { readonly incarnation: string; readonly owner: string; readonly first: number }
  /** Only say what would become of it */
  readonly dryRun?: boolean
  /** Refused unless the lane still stands at this version */
  readonly expect?: number
}

/**
 * `unchanged`: already so. `superseded`: a named rule kept what is there. Of a device's edit: `merged`: a rule chose
 * otherwise for some columns. `conflict`: a person must say.
 */
export interface MutationAnswer {
  readonly status: 'applied' | 'unchanged' | 'superseded' | 'merged' | 'conflict' | 'rejected'
  readonly reason?: string
  /** What the row is called here, where the device calls it otherwise */
  readonly key?: string
  /** Columns that stand otherwise than the edit said */
  readonly set?: Readonly<Record<string, string | number | null>>
  /** Id of the conflict */
  readonly conflict?: string
}

export type PushAnswer =
  | {
      readonly type: 'answered'
      readonly version: number
      /** One a mutation, in their order */
      readonly results: readonly MutationAnswer[]
      /** How many of the first ones were answered before; absent: none */
      readonly known?: number
    }
  | ({ readonly type: 'failed' } & { readonly failure: Failure })

/** How a person settles a conflict. `local` is the edit that waits, `remote` what stands here. */
export type Strategy = 'rename_local' | 'keep_local' | 'keep_remote' | 'merge'

/** What somebody wants changed in a lane beside pushes: it is planned first, and applied as planned or not at all. */
export type Proposal =
  | {
      readonly type: 'resolve'
      readonly conflict: string
      readonly strategy: Strategy
      /** For the unique column, or the first disputed one */
      readonly newValue?: string | number | null
      /** `merge`: column -> value */
      readonly values?: Readonly<Record<string, string | number | null>>
      readonly notes: string
    }
  /** Open conflicts of devices, oldest first, by the rules of auto-resolve */
  | { readonly type: 'auto'; readonly max: number }
  | {
      readonly type: 'undo'
      /** Everything that a run, one commit, or the resolution of a conflict did */
      readonly of: { readonly run: string } | { readonly version: number } | { readonly resolution: string }
      /** Pins what a remote would propose again */
      readonly pin: boolean
    }
  /** Rows as a backup has them: by table, columns and rows. Rows that it does not have are deleted */
  | {
      readonly type: 'restore'
      readonly tables: readonly {
        readonly name: string
        readonly columns: readonly string[]
        readonly rows: readonly (readonly (string | number | null)[])[]
        /** Keys from here on, and below that: rows beyond are left alone. Absent: all */
        readonly from?: string
        readonly until?: string
      }[]
    }

export interface ChangeRequest {
  readonly actor: string
  readonly origin: string
  readonly proposal: Proposal
  /** Plan only */
  readonly dryRun: boolean
  /** Digest of the plan that was shown: anything else is not applied. Absent: whatever it comes to */
  readonly expect?: string
}

/** What a proposal comes to in one lane, to the column. Equal digests are equal plans. */
export interface Plan {
  readonly lane: string
  readonly digest: string
  readonly changes: readonly {
    readonly table: string
    readonly key: string
    readonly op: 'insert' | 'update' | 'delete' | 'refuse' | 'pin' | 'unpin'
    readonly columns: Readonly<
      Record<string, { readonly before: string | number | null; readonly after: string | number | null }>
    >
  }[]
  /** Conflicts that it settles, opens, or opens again */
  readonly settles: readonly { readonly conflict: string; readonly strategy: string }[]
  readonly opens: readonly {
    readonly conflict: string
    readonly table: string
    readonly key: string
    readonly kind: string
    readonly detail: string
  }[]
  /** What stays as it is, and why */
  readonly skips: readonly { readonly about: string; readonly reason: string }[]
  /** Columns that a remote will propose again unless they are pinned */
  readonly offers: readonly {
    readonly table: string
    readonly key: string
    readonly column: string
    readonly link: string
  }[]
}

/**
 * `moved`: the plan is not any more what was expected, and nothing was changed. Where nothing is left to do (it was done, and the
 * answer was lost) it is `applied`, with a plan that changes nothing.
 */
export type ChangeAnswer =
  | { readonly type: 'planned' | 'applied' | 'moved'; readonly version: number; readonly plan: Plan }
  | ({ readonly type: 'failed' } & { readonly failure: Failure })

/** What stands in one part of a remote, read without a run. Nothing is committed. */
export type PeekAnswer =
  /** Rows by column as the declaration types them; `ref`: the key here that a row carries out of sight */
  | {
      readonly type: 'read'
      readonly rows: readonly {
        readonly ref: string | null
        readonly values: Readonly<Record<string, string | number | null>>
      }[]
    }
  | { readonly type: 'unavailable'; readonly reason: string; readonly mend: string }

/** The RPC surface of the Durable Object `Lane`; its name is the lane's. */
export interface LaneRpc {
  request(lane: string, request: RunRequest): Promise<RunAnswer>
  push(lane: string, push: Push): Promise<PushAnswer>
  /** Reads a part of a link's remote now, also while D1 can't be reached. */
  peek(lane: string, link: string, scope: string, part: string): Promise<PeekAnswer>
  /** Takes an action on. It is in D1 before this answers. */
  act(lane: string, action: ActionRequest): Promise<ActionAnswer>
  /** Plans a proposal, or applies it as it was planned, in one commit. Applying it again changes nothing. */
  change(lane: string, request: ChangeRequest): Promise<ChangeAnswer>
  /** Asks the live devices of the lane to sync now; answers the tokens of those that listen. */
  nudge(lane: string, id: string): Promise<readonly string[]>
  /** A device has reported what this sync came to: whoever waits for it is told. */
  reported(lane: string, id: string): Promise<void>
  /** Answers when a device reports this sync, or after `ms`. What it reported stands in D1. */
  heard(lane: string, id: string, ms: number): Promise<void>
  /** Tokens of the live sockets of the lane. */
  listening(lane: string): Promise<readonly string[]>
  /** Answers when all these runs and actions have ended, or after `ms`. Their rows in D1 tell how. */
  settled(lane: string, runIds: readonly string[], ms: number): Promise<{ readonly all: boolean }>
  /** Wakes a lane that has unfinished runs. */
  poke(lane: string): Promise<void>
  /** Closes the live sockets opened with this token. */
  closeSockets(lane: string, tokenId: string): Promise<void>
}
