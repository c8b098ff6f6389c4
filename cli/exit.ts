/** `attention`: it was done, and something of it needs a person: warnings, conflicts, failed parts. */
export const EXIT = { fine: 0, attention: 1, failed: 2 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]
