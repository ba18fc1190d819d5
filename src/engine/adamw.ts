/** AdamW's settings (Loshchilov and Hutter 2019: weight decay decoupled from the gradient). */
export interface AdamW {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

export const ADAMW: AdamW = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** One parameter tensor and what the optimiser remembers about it; all four have the same length. */
export interface ParameterState {
  readonly value: Float32Array
  /** Running mean of the gradient. */
  readonly mean: Float32Array
  /** Running mean of the squared gradient. */
  readonly square: Float32Array
  /** Exponential moving average of the value: what is evaluated and kept. */
  readonly average: Float32Array
}

/** A fresh state around `value`, which is copied. */
export function parameterState(value: Float32Array): ParameterState {
  return {
    value: value.slice(),
    mean: new Float32Array(value.length),
    square: new Float32Array(value.length),
    average: value.slice(),
  }
}

/**
 * One AdamW step, in place.
 * @param step 1 for the first step ever; corrects the bias of the running means.
 * @param gradientScale factor on the gradient (clipping).
 * @param decay weight decay per unit of learning rate.
 */
export function adamWStep(
  { value, mean, square }: ParameterState,
  gradient: Float32Array,
  { step, learningRate, decay, gradientScale }: StepSettings,
  { beta1, beta2, epsilon }: AdamW = ADAMW,
): void {
  const rate = learningRate / (1 - beta1 ** step)
  const correction = 1 / Math.sqrt(1 - beta2 ** step)
  const keep = 1 - learningRate * decay
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]! * gradientScale
    const m = beta1 * mean[i]! + (1 - beta1) * g
    const v = beta2 * square[i]! + (1 - beta2) * g * g
    mean[i] = m
    square[i] = v
    value[i] = keep * value[i]! - (rate * m) / (Math.sqrt(v) * correction + epsilon)
  }
}

export interface StepSettings {
  readonly step: number
  readonly learningRate: number
  readonly decay: number
  readonly gradientScale: number
}

/**
 * Moves the average towards the value: average = rate average + (1 - rate) value. Early on the rate is limited to
 * (1 + step) / (10 + step), so that the average does not stay at the initial weights.
 */
export function averageStep({ value, average }: ParameterState, decay: number, step: number): void {
  const rate = Math.min(decay, (1 + step) / (10 + step))
  for (let i = 0; i < value.length; i++) average[i] = rate * average[i]! + (1 - rate) * value[i]!
}

/** The Euclidean norm of all gradients together, summed in float64. */
export function globalNorm(gradients: readonly Float32Array[]): number {
  let sum = 0
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!
  return Math.sqrt(sum)
}

/** The factor that brings a gradient of this norm down to `limit`, 1 where it is below. */
export function clipScale(norm: number, limit: number): number {
  return norm > limit ? limit / norm : 1
}
