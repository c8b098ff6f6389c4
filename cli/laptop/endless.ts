import { PROTOCOL } from '../../sync/protocol/device.ts'
import { refusal } from '../failure.ts'

/** A sync that found something left to do each time it looked. */
export const endless = (rounds: number) =>
  refusal('endless', {
    title: 'The sync came to no end',
    detail: `After ${rounds} rounds (protocol ${PROTOCOL}) something is still left.`,
    kept: 'Everything so far.',
    mend: 'Run: tidemark doctor',
  })
