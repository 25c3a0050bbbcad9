import fc from 'fast-check'

/**
 * Generated tests try the same values in every run, so that a change is judged by what it changed; TEST_SEED tries others
 * (`TEST_SEED=$RANDOM npm test`). What failed names its seed and path, as ever.
 */
fc.configureGlobal({ seed: Number(process.env.TEST_SEED ?? 1) })
