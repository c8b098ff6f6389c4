/**
 * A name without case, accents, spaces and punctuation: names that differ in nothing else have the same key. '' for a
 * name that has neither letter nor digit. SQLite's `lower` knows ASCII only, so it is made here and stored.
 */
export const nameKey = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{Letter}\p{Number}]/gu, '')
