/**
 * Contrast mammography shows one breast in one compression twice: a low-energy and a subtracted image. A model that holds
 * these corrections reads the low-energy image with the subtracted one beside it: to what the encoder gives of it a linear
 * map of the other's is added, which begins as nothing. The subtracted image is read as it is by itself: with the
 * low-energy one beside it nothing was gained (docs/experiments.md).
 */
import type { Energy } from '#core/study.ts'
import type { Value } from '#engine/graph.ts'
import { add, reshape } from '#engine/operators/arithmetic.ts'
import { matmul } from '#engine/operators/products.ts'
import { concat, slice } from '#engine/operators/shape.ts'
import type { ImageFeatures } from './image-encoder.ts'
import type { ParameterSource } from './parameters.ts'
import type { NamedTensor, Weights } from './weights.ts'

/** The order of the exposures in a pair. */
export const PAIRED = ['low-energy', 'subtracted'] as const satisfies readonly Energy[]

const CHANNELS = { embedding: 256, highRes1: 64, highRes0: 32 } as const satisfies Record<keyof ImageFeatures, number>
const PREFIX = 'companion.'
const LEVELS = Object.keys(CHANNELS) as (keyof ImageFeatures)[]

/** Name of the map from the subtracted image to the low-energy one, [channels, channels]. */
function nameOf(level: keyof ImageFeatures): string {
  return `${PREFIX}${level}`
}

/** Whether a tensor is one of the corrections. */
export function isCompanion(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Whether a model reads the two exposures of a view together. */
export function readsPairs(weights: Weights): boolean {
  return weights.has(nameOf('embedding'))
}

/** Corrections that change nothing. */
export function initialCompanions(): Weights {
  const zeros = LEVELS.map((level): [string, NamedTensor] => {
    const channels = CHANNELS[level]
    return [nameOf(level), { shape: [channels, channels], data: new Float32Array(channels ** 2) }]
  })
  return new Map(zeros)
}

/** @param features of pairs: images 2k and 2k + 1 are the low-energy and the subtracted exposure of one view. */
export function readTogether(features: ImageFeatures, parameters: ParameterSource): ImageFeatures {
  const fused = LEVELS.map((level) => [level, fusePairs(features[level], parameters(nameOf(level)))])
  return Object.fromEntries(fused) as Record<keyof ImageFeatures, Value>
}

/** @param x [2 k, H, W, C] @param map [C, C] */
function fusePairs(x: Value, map: Value): Value {
  const [n, height, width, channels] = x.shape as [number, number, number, number]
  const pairs = reshape(x, [n / 2, 2 * height, width, channels])
  const [low, subtracted] = [slice(pairs, 1, 0, height), slice(pairs, 1, height, 2 * height)]
  return reshape(concat([add(low, matmul(subtracted, map)), subtracted], 1), [n, height, width, channels])
}
