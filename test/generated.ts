import fc from 'fast-check'

// Generated cases are the same in every run, so that a red run can be run again. `FC_SEED=random npm test`, or a number,
// looks for new ones.
const seed = process.env.FC_SEED ?? '20261121'
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) })
