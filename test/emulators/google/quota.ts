import { Refusal } from './failure.ts'
import type { Store } from './model.ts'

/** How many calls Google takes. A service account counts as one user. */
export interface Limits {
  readonly readsPerMinutePerUser: number
  readonly readsPerMinutePerProject: number
  readonly writesPerMinutePerUser: number
  readonly writesPerMinutePerProject: number
  readonly drivePerMinutePerUser: number
  readonly youtubePerDay: number
}

/**
 * Sheets: https://developers.google.com/workspace/sheets/api/limits. Drive: 12,000 queries a minute and user
 * (https://developers.google.com/workspace/drive/api/guides/limits; projects made since May 2026 have 325,000 units).
 * YouTube: https://developers.google.com/youtube/v3/determine_quota_cost.
 */
export const googleLimits: Limits = {
  readsPerMinutePerUser: 60,
  readsPerMinutePerProject: 300,
  writesPerMinutePerUser: 60,
  writesPerMinutePerProject: 300,
  drivePerMinutePerUser: 12_000,
  youtubePerDay: 10_000,
}

export type Quota = ReturnType<typeof createQuota>

/** Counts calls by minute. A refused call isn't counted; one that fails for another reason is. */
export function createQuota(store: Store, clock: () => number, limits: Limits) {
  /** Takes one from each bucket, or refuses and takes none. */
  function take(
    window: string,
    buckets: readonly { key: string; limit: number; refusal: () => Refusal }[],
  ): void {
    const used = (key: string) => {
      const bucket = store.world.quota[key]
      return bucket?.window === window ? bucket.used : 0
    }
    for (const { key, limit, refusal } of buckets) if (used(key) >= limit) throw refusal()
    const counted = Object.fromEntries(buckets.map(({ key }) => [key, { window, used: used(key) + 1 }]))
    store.world = { ...store.world, quota: { ...store.world.quota, ...counted } }
  }

  const minute = () => `minute ${Math.floor(clock() / 60_000)}`

  function takeSheets(kind: 'read' | 'write', email: string): void {
    const project = store.world.accounts[email]?.project ?? 'emulated'
    const perUser = kind === 'read' ? limits.readsPerMinutePerUser : limits.writesPerMinutePerUser
    const perProject = kind === 'read' ? limits.readsPerMinutePerProject : limits.writesPerMinutePerProject
    take(minute(), [
      { key: `${kind}:user:${email}`, limit: perUser, refusal: () => sheetsExhausted(kind, true, perUser) },
      {
        key: `${kind}:project:${project}`,
        limit: perProject,
        refusal: () => sheetsExhausted(kind, false, perProject),
      },
    ])
  }

  function takeDrive(email: string): void {
    take(minute(), [
      { key: `drive:user:${email}`, limit: limits.drivePerMinutePerUser, refusal: () => driveExhausted() },
    ])
  }

  return { take, takeSheets, takeDrive, limits }
}

/** Sheets' 429. */
export function sheetsExhausted(kind: 'read' | 'write', perUser: boolean, limit: number): Refusal {
  const name = kind === 'read' ? 'Read' : 'Write'
  const scope = perUser ? 'per minute per user' : 'per minute'
  return new Refusal(
    429,
    `Quota exceeded for quota metric '${name} requests' and limit '${name} requests ${scope}' of service 'sheets.googleapis.com' for consumer 'project_number:100000000001'.`,
    {
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'googleapis.com',
          metadata: {
            service: 'sheets.googleapis.com',
            consumer: 'projects/100000000001',
            quota_metric: `sheets.googleapis.com/${kind}_requests`,
            quota_limit: `${name}RequestsPerMinutePer${perUser ? 'User' : 'Project'}`,
            quota_limit_value: String(limit),
            quota_location: 'global',
          },
        },
        {
          '@type': 'type.googleapis.com/google.rpc.Help',
          links: [
            {
              description: 'Request a higher quota limit.',
              url: 'https://cloud.google.com/docs/quotas/help/request_increase',
            },
          ],
        },
      ],
    },
  )
}

/** Drive's answer to too many calls: a 403, not a 429. */
function driveExhausted(): Refusal {
  return new Refusal(403, 'User Rate Limit Exceeded', { reason: 'userRateLimitExceeded' })
}
