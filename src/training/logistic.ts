/** L2-regularised logistic regression, small enough for Newton's method. */
import { cholesky, solveCholesky } from '#core/cholesky.ts'

export interface Logistic {
  readonly intercept: number
  readonly coefficients: readonly number[]
}

const STEPS = 50
const SETTLED = 1e-10

/**
 * Minimises the sum over examples of log(1 + exp(-y(b + x·w))), each times its share, plus lambda/2 |w|²; the intercept is
 * free.
 * @param x one row of standardised values for each example. @param y 1 or 0. @param lambda above 0: the fit is then finite
 *   and unique, also where the classes can be told apart without error. @param shares what each example counts, 1 by default.
 */
export function fitLogistic(
  x: readonly (readonly number[])[],
  y: readonly (0 | 1)[],
  lambda: number,
  shares: readonly number[] = x.map(() => 1),
): Logistic {
  const problem: Problem = { x, y, lambda, shares }
  const size = (x[0]?.length ?? 0) + 1
  const weights = new Float64Array(size)
  let loss = lossOf(problem, weights)
  for (let step = 0; step < STEPS; step++) {
    const { gradient, hessian } = derivatives(problem, weights)
    const direction = solveCholesky(cholesky(hessian, size), gradient)
    // Far from the optimum a full step may overshoot: the loss is convex, so halving always ends.
    let scale = 1
    let next = moved(weights, direction, scale)
    for (let half = 0; half < 40 && lossOf(problem, next) > loss + 1e-12; half++) {
      scale /= 2
      next = moved(weights, direction, scale)
    }
    weights.set(next)
    loss = lossOf(problem, weights)
    if (scale * Math.max(...direction.map(Math.abs)) < SETTLED) break
  }
  return { intercept: weights[0]!, coefficients: Array.from(weights.subarray(1)) }
}

interface Problem {
  readonly x: readonly (readonly number[])[]
  readonly y: readonly (0 | 1)[]
  readonly lambda: number
  readonly shares: readonly number[]
}

/** b + x·w. */
export function linear({ intercept, coefficients }: Logistic, values: readonly number[]): number {
  return coefficients.reduce((sum, coefficient, i) => sum + coefficient * values[i]!, intercept)
}

/** Mean of -log p of what was; p by the logit. */
export function logLoss(logits: readonly number[], y: readonly (0 | 1)[]): number {
  return logits.reduce((sum, logit, i) => sum + softplus(y[i] === 1 ? -logit : logit), 0) / logits.length
}

function softplus(value: number): number {
  return value > 0 ? value + Math.log1p(Math.exp(-value)) : Math.log1p(Math.exp(value))
}

function logitOf(row: readonly number[], weights: Float64Array): number {
  let sum = weights[0]!
  for (let j = 0; j < row.length; j++) sum += row[j]! * weights[j + 1]!
  return sum
}

function lossOf({ x, y, lambda, shares }: Problem, weights: Float64Array): number {
  let sum = 0
  for (const [i, row] of x.entries()) {
    const logit = logitOf(row, weights)
    sum += shares[i]! * softplus(y[i] === 1 ? -logit : logit)
  }
  for (let j = 1; j < weights.length; j++) sum += (lambda / 2) * weights[j]! ** 2
  return sum
}

function derivatives(
  { x, y, lambda, shares }: Problem,
  weights: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const size = weights.length
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  const row = new Float64Array(size)
  row[0] = 1
  for (const [i, values] of x.entries()) {
    row.set(values, 1)
    const p = 1 / (1 + Math.exp(-logitOf(values, weights)))
    // A floor keeps the matrix regular where every example is told apart beyond doubt.
    const curvature = shares[i]! * Math.max(p * (1 - p), 1e-12)
    for (let j = 0; j < size; j++) {
      gradient[j]! += shares[i]! * (p - y[i]!) * row[j]!
      for (let k = 0; k <= j; k++) hessian[j * size + k]! += curvature * row[j]! * row[k]!
    }
  }
  for (let j = 1; j < size; j++) {
    gradient[j]! += lambda * weights[j]!
    hessian[j * size + j]! += lambda
  }
  return { gradient, hessian }
}

function moved(weights: Float64Array, direction: Float64Array, scale: number): Float64Array {
  return weights.map((weight, j) => weight - scale * direction[j]!)
}
