/** Systems of equations whose matrix is symmetric and positive definite, in float64. Matrices are n×n, row by row. */

/** A pivot that rounding took to 0 or below stands for next to nothing. */
const LEAST_PIVOT = 1e-300

/** The lower triangle L of L Lᵀ = `matrix`, of which the lower triangle is read. */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, LEAST_PIVOT)) : sum / lower[j * n + j]!
    }
  }
  return lower
}

/** x of L Lᵀ x = `right`. @param lower as {@link cholesky} gives it. */
export function solveCholesky(lower: Float64Array, right: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(right)
  const n = x.length
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i * n + k]! * x[k]!
    x[i]! /= lower[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= lower[k * n + i]! * x[k]!
    x[i]! /= lower[i * n + i]!
  }
  return x
}
