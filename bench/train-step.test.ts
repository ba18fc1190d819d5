import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPyTorch } from './peer.ts'
import { type Problem, prepare } from './step-problem.ts'
import { openPair, type Pair } from './train-step.ts'

/** Measured: 1e-5, the float32 sums' order. A wrong gradient of any tensor shows in the next step's losses. */
const TOLERANCE = 5e-5
/**
 * The gradient's norm after the second update. By then the four images are nearly learned, the norm has fallen from 77
 * to 6, and it is what large terms leave of each other: 4e-4 measured, where the first two steps agree to 4e-6.
 */
const LATER_NORM_TOLERANCE = 2e-3

/** PyTorch is an oracle for the whole step. */
describe.skipIf(!hasPyTorch()).each([
  { part: 'on the features of a frozen trunk', trunkFrom: 12 },
  { part: 'from pixels, with a trunk whose upper blocks train', trunkFrom: 7 },
])('our training step and the same step in PyTorch, $part', ({ trunkFrom }) => {
  let problem: Problem
  let pair: Pair

  beforeAll(async () => {
    problem = await prepare({ batch: 4, size: 96, threads: 2, trunkFrom })
    // Tests share the cores: threads that spin while idle would slow all of them.
    pair = await openPair(problem, { OMP_WAIT_POLICY: 'passive' })
  })
  afterAll(async () => {
    await pair?.[Symbol.asyncDispose]()
    await problem?.[Symbol.asyncDispose]()
  })

  test('have the same losses and the same gradient norm, and still have them after five updates', async () => {
    for (let step = 1; step <= 6; step++) {
      const ours = await pair.ours()
      const theirs = await pair.theirs()
      for (const [name, expected] of Object.entries(theirs.losses)) {
        const difference = Math.abs((ours.losses[name] ?? Number.NaN) - expected)
        const tolerance = name === 'gradientNorm' && step > 2 ? LATER_NORM_TOLERANCE : TOLERANCE
        expect(difference, `${name} at step ${step}`).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)))
      }
    }
  })
})
