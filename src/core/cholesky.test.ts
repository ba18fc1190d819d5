import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cholesky, solveCholesky } from './cholesky.ts'
import { seededRandom } from './random.ts'

test('what was multiplied by a positive definite matrix comes back, and only its lower triangle is read', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, n) => {
      const random = seededRandom(seed)
      const root = Array.from({ length: n }, () => Float64Array.from({ length: n }, () => random.normal()))
      const matrix = new Float64Array(n * n)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          for (let k = 0; k < n; k++) matrix[i * n + j]! += root[i]![k]! * root[j]![k]!
          if (i === j) matrix[i * n + j]! += 0.5
        }
      }
      const x = Array.from({ length: n }, () => random.normal())
      const right = x.map((_, i) => x.reduce((sum, value, j) => sum + matrix[i * n + j]! * value, 0))
      const lowerHalf = matrix.map((value, at) => (at % n <= Math.floor(at / n) ? value : Number.NaN))
      const solved = solveCholesky(cholesky(lowerHalf, n), right)
      for (const [i, value] of x.entries()) expect(solved[i]!).toBeCloseTo(value, 6)
    }),
  )
})
