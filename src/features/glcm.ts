import type { Absent } from '#core/absent.ts'
import { type Direction, type GreyLevels, highestLevel, levelAt } from './grey-levels.ts'
import { type Aggregation, aggregated, type TextureMatrix } from './texture-aggregation.ts'

/**
 * Features of the grey level co-occurrence matrix at distance 1, unitless. Names, definitions and the four-letter codes
 * are those of the IBSI reference manual (arXiv:1612.07003v11, section 3.6, LFYI); p(i,j) is the probability of levels
 * i and j beside each other.
 */
export type GlcmFeatures = {
  /** GYBY: the highest p, 0..1. */
  readonly jointMaximum: number
  /** 60VM: mean level. */
  readonly jointAverage: number
  /** UR99: variance of the level, also called sum of squares. */
  readonly jointVariance: number
  /** TU9B: Shannon entropy of p in bits. */
  readonly jointEntropy: number
  /** 8ZQL: sum of p², 0..1, also called energy. */
  readonly angularSecondMoment: number
  /** ACUI: mean of (i - j)², also called inertia. */
  readonly contrast: number
  /** 8S9J: mean of |i - j|. */
  readonly dissimilarity: number
  /** IB1Z: mean of 1 / (1 + |i - j|), 0..1. */
  readonly inverseDifference: number
  /** WF0Z: mean of 1 / (1 + (i - j)²), 0..1, also called homogeneity. */
  readonly inverseDifferenceMoment: number
  /** NI2N: of neighbouring levels, -1..1; 1 where all are of one level, which the manual leaves open. */
  readonly correlation: number
}

/**
 * Co-occurrence features of discretised grey levels; the pairs of which one lies outside the region do not count. Slices
 * of one size, as many as there are; a single image is one slice. Absent where no two pixels of the region touch.
 * @throws SHAPE_MISMATCH when the slices differ in size. Source: IBSI reference manual, section 3.6.
 */
export function glcmFeatures(slices: readonly GreyLevels[], aggregation: Aggregation): GlcmFeatures | Absent {
  const levelCount = highestLevel(slices)
  return aggregated(slices, aggregation, (part, direction) => glcm(part, direction, levelCount), featuresOf)
}

/** How often each two levels are neighbours along a direction or against it: symmetric. */
function glcm(slices: readonly GreyLevels[], direction: Direction, levelCount: number): TextureMatrix {
  const counts = new Float64Array(levelCount * levelCount)
  for (const [z, { data, width, height }] of slices.entries()) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const level = data[y * width + x]!
        if (level === 0) continue
        const neighbour = levelAt(slices, x + direction.x, y + direction.y, z + direction.z)
        if (neighbour === 0) continue
        counts[(level - 1) * levelCount + neighbour - 1]!++
        counts[(neighbour - 1) * levelCount + level - 1]!++
      }
    }
  }
  return { rows: levelCount, columns: levelCount, counts }
}

function featuresOf({ rows, counts }: TextureMatrix): GlcmFeatures {
  let total = 0
  for (let at = 0; at < counts.length; at++) total += counts[at]!
  let [maximum, average, square, product, entropy, energy] = [0, 0, 0, 0, 0, 0]
  let [contrast, dissimilarity, inverse, inverseMoment] = [0, 0, 0, 0]
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] === 0) continue
    const p = counts[at]! / total
    const [i, j] = [Math.floor(at / rows) + 1, (at % rows) + 1]
    const difference = Math.abs(i - j)
    maximum = Math.max(maximum, p)
    average += i * p
    square += i * i * p
    product += i * j * p
    entropy -= p * Math.log2(p)
    energy += p * p
    contrast += difference * difference * p
    dissimilarity += difference * p
    inverse += p / (1 + difference)
    inverseMoment += p / (1 + difference * difference)
  }
  const variance = square - average * average
  return {
    jointMaximum: maximum,
    jointAverage: average,
    jointVariance: variance,
    jointEntropy: entropy,
    angularSecondMoment: energy,
    contrast,
    dissimilarity,
    inverseDifference: inverse,
    inverseDifferenceMoment: inverseMoment,
    correlation: energy === 1 ? 1 : (product - average * average) / variance,
  }
}
