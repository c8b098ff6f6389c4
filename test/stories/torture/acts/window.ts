/** The one act that can't be done without a loss. */
export const theWindow = {
  people: 'type into the very cell that is being written, in that very moment',
  verdict: 'It may be written over: that is the window that remains (above), and the run’s journal says so.',
} as const
