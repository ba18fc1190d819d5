import { cholesky, solveCholesky } from '#core/cholesky.ts'
import { ScreeningError } from '#core/errors.ts'

/**
 * Ridge regression of several targets on many features, solved in the samples' Gram matrix, as there are more features
 * than samples: weights = Xᵀ (X Xᵀ + λ I)⁻¹ Y on centred X and Y. Exact, by Cholesky's decomposition in float64.
 *
 * @param lambda penalty on the squared weights, above 0.
 * @returns weights (targets × features) and bias, so that a prediction is `weights · x + bias`.
 * @throws SHAPE_MISMATCH when samples and targets differ in number or length.
 * Source: A. E. Hoerl, R. W. Kennard, Technometrics 12(1), 1970.
 */
export function ridge(samples: readonly Float32Array[], targets: readonly (readonly number[])[], lambda: number) {
  const n = samples.length
  const [features, outputs] = [samples[0]?.length ?? 0, targets[0]?.length ?? 0]
  if (n === 0 || targets.length !== n || samples.some((sample) => sample.length !== features)) {
    throw new ScreeningError('SHAPE_MISMATCH', { samples: n, targets: targets.length })
  }
  const mean = meanOf(samples, features)
  const targetMean = meanOf(targets, outputs)
  const centred = samples.map((sample) => Float64Array.from(sample, (value, i) => value - mean[i]!))
  const factor = cholesky(gram(centred, lambda), n)
  const weights = new Float32Array(outputs * features)
  const bias = new Float32Array(outputs)
  for (let output = 0; output < outputs; output++) {
    const dual = solveCholesky(
      factor,
      targets.map((target) => target[output]! - targetMean[output]!),
    )
    const row = new Float64Array(features)
    for (const [i, sample] of centred.entries()) for (let k = 0; k < features; k++) row[k]! += dual[i]! * sample[k]!
    weights.set(row, output * features)
    bias[output] = targetMean[output]! - row.reduce((sum, weight, k) => sum + weight * mean[k]!, 0)
  }
  return { weights, bias }
}

function meanOf(rows: readonly ArrayLike<number>[], length: number): Float64Array {
  const mean = new Float64Array(length)
  for (const row of rows) for (let i = 0; i < length; i++) mean[i]! += row[i]! / rows.length
  return mean
}

function gram(rows: readonly Float64Array[], lambda: number): Float64Array {
  const n = rows.length
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [rows[i]!, rows[j]!]
      let sum = i === j ? lambda : 0
      for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
      matrix[i * n + j] = sum
    }
  }
  return matrix
}
