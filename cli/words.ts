import type { Account } from '../sync/protocol/smart-sync.ts'

/** `@username`, or the address without its scheme where the name isn't known. */
export const nameOf = ({ username, profile_url }: Account) =>
  username ? `@${username}` : profile_url.replace(/^https?:\/\/(www\.)?/, '')

/** `Duplicate`, `Three way` */
export const kindOf = (kind: string) => {
  const words = kind.replaceAll(/[_-]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
