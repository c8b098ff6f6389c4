/** What one way of writing took: rows a second, and what D1 bills a row. */
export interface Measured {
  readonly rowsPerSecond: number
  readonly rowsWrittenPerRow: number
}

export interface CommitBench {
  readonly raw: Measured[]
  readonly commit: Measured[]
}

/** What was read -> milliseconds of a reading, by round. */
export type ReadBench = Record<string, number[]>
