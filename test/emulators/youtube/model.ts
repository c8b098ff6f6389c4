/** A channel as its owner knows it; the API shows less. */
export interface Channel {
  readonly id: string
  readonly title: string
  /** With the leading @ */
  readonly handle?: string
  readonly publishedAt: string
  readonly viewCount: number
  /** Exact; the API rounds it down to three significant digits */
  readonly subscriberCount: number
  readonly hiddenSubscriberCount: boolean
  readonly videoCount: number
}

/** Numbers of one account on any platform, for readers that fetch plain JSON. */
export interface Statistics {
  readonly followers?: number | string | null
  readonly likes?: number | string | null
  readonly comments?: number | string | null
  readonly videos?: number | string | null
  readonly views?: number | string | null
}

/** All that `snapshot()` gives and `restore()` takes. */
export interface Channels {
  readonly channels: Readonly<Record<string, Channel>>
  /** By `platform/username`, in lower case */
  readonly statistics: Readonly<Record<string, Statistics & { readonly updatedAt: number }>>
}
