import type { ErpImage, ImageAnswer, ImageTarget } from '../../sync/remotes/erp/images.ts'
import type { Fetched, ImageSource } from './images.ts'

/** Pictures of the ERP, as the consumer asks for them. */
export function pictureSource(erp: {
  fetch(target: ImageTarget, path: string): Promise<ImageAnswer>
}): ImageSource {
  return {
    async fetch(login, path) {
      const answer = await erp.fetch(login, path)
      return answer.ok ? pictureOf(answer.response) : failureOf(answer.failure)
    },
  }
}

const pictureOf = ({ bytes, type }: ErpImage): Fetched => ({ type: 'picture', bytes, declared: type })

function failureOf(failure: Extract<ImageAnswer, { ok: false }>['failure']): Fetched {
  const { type, reason } = failure
  if (type === 'busy') return { type, at: failure.at, reason }
  if (type === 'not_found') return { type: 'failed', reason, passes: false }
  // A login that is refused is mended by a person, within the day that the attempts take, and says nothing of the picture.
  return { type: 'failed', reason: type === 'refused' ? `${reason}. ${failure.mend}` : reason, passes: true }
}
