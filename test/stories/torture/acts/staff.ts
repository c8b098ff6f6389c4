/** What people do in a tab of employees, where days are kept and ids are unique. */
export const staff = {
  dates: {
    people: 'type dates in three locales',
    verdict:
      'The same day, whatever order and dots it is typed with; a day that a program changes shows as days do there.',
  },
  unique: {
    people: 'type a unique value that another row has',
    verdict: 'The value is not taken and is asked about; the rest of the row is.',
  },
} as const
