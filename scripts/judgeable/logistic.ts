/** A case to learn from: its measures, whether it is what is to be told from the others, and how much it counts. */
export interface Case {
  readonly measures: readonly number[]
  readonly isValid: boolean
  readonly weight: number
}

export interface LogisticModel {
  readonly centre: readonly number[]
  readonly scale: readonly number[]
  readonly intercept: number
  readonly weights: readonly number[]
}

/**
 * Logistic regression with a quadratic penalty on the weights of standardised measures, by Newton's method. Measures are
 * centred on the mean of the valid cases and scaled by the standard deviation of all.
 */
export function fitLogistic(cases: readonly Case[], penalty: number): LogisticModel {
  const size = cases[0]!.measures.length
  const valid = cases.filter(({ isValid }) => isValid)
  const each = (make: (measure: number) => number) => Array.from({ length: size }, (_, k) => make(k))
  const centre = each((k) => mean(valid.map(({ measures }) => measures[k]!)))
  const scale = each((k) => spread(cases.map(({ measures }) => measures[k]!)))
  const rows = cases.map(({ measures }) => [1, ...measures.map((value, k) => (value - centre[k]!) / scale[k]!)])
  const beta = new Float64Array(size + 1)
  for (let step = 0; step < 60; step++) {
    const gradient = Float64Array.from(beta, (b, k) => (k === 0 ? 0 : -penalty * b))
    const curvature = Array.from({ length: size + 1 }, (_, k) =>
      Float64Array.from({ length: size + 1 }, (_, l) => (k === l && k > 0 ? penalty : 0)),
    )
    for (const [i, row] of rows.entries()) {
      const { isValid, weight } = cases[i]!
      const p = 1 / (1 + Math.exp(-row.reduce((sum, value, k) => sum + value * beta[k]!, 0)))
      for (let k = 0; k <= size; k++) {
        gradient[k]! += weight * ((isValid ? 1 : 0) - p) * row[k]!
        for (let l = 0; l <= size; l++) curvature[k]![l]! += weight * p * (1 - p) * row[k]! * row[l]!
      }
    }
    for (const [k, change] of solve(curvature, gradient).entries()) beta[k]! += change
  }
  const [intercept = 0, ...weights] = beta
  return { centre, scale, intercept, weights }
}

/** Solves a symmetric positive definite system in place, by Gaussian elimination. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i]![k]! / matrix[k]![k]!
      for (let j = k; j < n; j++) matrix[i]![j]! -= factor * matrix[k]![j]!
      right[i]! -= factor * right[k]!
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) right[k]! -= matrix[k]![j]! * right[j]!
    right[k]! /= matrix[k]![k]!
  }
  return right
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function spread(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}
