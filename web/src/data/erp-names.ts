import type { Run } from '../../../sync/protocol/runs.ts'

// What tells the ERP's part of the page from the rest. It is here because the first load needs it, and no more of the ERP.

/** Reads that runs of the ERP's lists change. */
export const isErpPath = (path: string) =>
  /^\/api\/(erp|price-changes|unmatched-prices|images|orders|customers|products)\b/.test(path)

export const isErpRun = ({ link }: Pick<Run, 'link'>) => link.endsWith('.erp')

export const isErpLane = (lane: string) => /^(products$|customers:|orders:)/.test(lane)
