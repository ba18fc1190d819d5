import type { Absent } from '#core/absent.ts'
import { type Direction, type GreyLevels, highestLevel, levelAt } from './grey-levels.ts'
import { type Aggregation, aggregated, type TextureMatrix } from './texture-aggregation.ts'

/**
 * Features of the grey level run length matrix, unitless. A run is a row of neighbours of one level i along a direction,
 * as long as it can be; its length is j pixels. Names, definitions and the four-letter codes are those of the IBSI
 * reference manual (arXiv:1612.07003v11, section 3.7, TP0I).
 */
export type GlrlmFeatures = {
  /** 22OV: mean of 1 / j², 0..1. */
  readonly shortRunsEmphasis: number
  /** W4KF: mean of j², at least 1. */
  readonly longRunsEmphasis: number
  /** V3SW: mean of 1 / i², 0..1. */
  readonly lowGreyLevelRunEmphasis: number
  /** G3QZ: mean of i², at least 1. */
  readonly highGreyLevelRunEmphasis: number
  /** HTZT: mean of 1 / (i² j²), 0..1. */
  readonly shortRunLowGreyLevelEmphasis: number
  /** GD3A: mean of i² / j². */
  readonly shortRunHighGreyLevelEmphasis: number
  /** IVPO: mean of j² / i². */
  readonly longRunLowGreyLevelEmphasis: number
  /** 3KUM: mean of i² j². */
  readonly longRunHighGreyLevelEmphasis: number
  /** R5YN: sum over levels of squared run counts, over the number of runs; grows with the region. */
  readonly greyLevelNonUniformity: number
  /** OVBL: the same over the squared number of runs, 0..1. */
  readonly normalisedGreyLevelNonUniformity: number
  /** W92Y: sum over lengths of squared run counts, over the number of runs; grows with the region. */
  readonly runLengthNonUniformity: number
  /** IC23: the same over the squared number of runs, 0..1. */
  readonly normalisedRunLengthNonUniformity: number
  /** 9ZK5: runs over pixels, 0..1 (a fraction, whatever its name says). */
  readonly runPercentage: number
  /** 8CE5: variance of the level of a run. */
  readonly greyLevelVariance: number
  /** SXLW: variance of the length of a run. */
  readonly runLengthVariance: number
  /** HJ9O: Shannon entropy of level and length of a run, in bits. */
  readonly runEntropy: number
}

/**
 * Run length features of discretised grey levels; a run ends where the region does. Slices of one size, as many as there
 * are; a single image is one slice. Absent where the region is empty.
 * @throws SHAPE_MISMATCH when the slices differ in size. Source: IBSI reference manual, section 3.7.
 */
export function glrlmFeatures(slices: readonly GreyLevels[], aggregation: Aggregation): GlrlmFeatures | Absent {
  const levelCount = highestLevel(slices)
  const longest = Math.max(slices.length, ...slices.flatMap(({ width, height }) => [width, height]))
  return aggregated(slices, aggregation, (part, direction) => glrlm(part, direction, levelCount, longest), featuresOf)
}

/** How many runs there are of each level (rows) and length (columns) along a direction. */
function glrlm(slices: readonly GreyLevels[], step: Direction, levelCount: number, longest: number): TextureMatrix {
  const counts = new Float64Array(levelCount * longest)
  for (const [z, { data, width, height }] of slices.entries()) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const level = data[y * width + x]!
        if (level === 0 || levelAt(slices, x - step.x, y - step.y, z - step.z) === level) continue
        let length = 1
        while (levelAt(slices, x + length * step.x, y + length * step.y, z + length * step.z) === level) length++
        counts[(level - 1) * longest + length - 1]!++
      }
    }
  }
  return { rows: levelCount, columns: longest, counts }
}

function featuresOf(matrix: TextureMatrix): GlrlmFeatures {
  const { rows, columns, counts } = matrix
  const byLevel = new Float64Array(rows)
  const byLength = new Float64Array(columns)
  let runs = 0
  for (let at = 0; at < counts.length; at++) {
    runs += counts[at]!
    byLevel[Math.floor(at / columns)]! += counts[at]!
    byLength[at % columns]! += counts[at]!
  }
  const mean = (of: (level: number, length: number) => number) => weightedMean(matrix, runs, of)
  const [meanLevel, meanLength] = [mean((i) => i), mean((_, j) => j)]
  return {
    shortRunsEmphasis: mean((_, j) => 1 / j ** 2),
    longRunsEmphasis: mean((_, j) => j ** 2),
    lowGreyLevelRunEmphasis: mean((i) => 1 / i ** 2),
    highGreyLevelRunEmphasis: mean((i) => i ** 2),
    shortRunLowGreyLevelEmphasis: mean((i, j) => 1 / (i ** 2 * j ** 2)),
    shortRunHighGreyLevelEmphasis: mean((i, j) => i ** 2 / j ** 2),
    longRunLowGreyLevelEmphasis: mean((i, j) => j ** 2 / i ** 2),
    longRunHighGreyLevelEmphasis: mean((i, j) => i ** 2 * j ** 2),
    greyLevelNonUniformity: sumOfSquares(byLevel) / runs,
    normalisedGreyLevelNonUniformity: sumOfSquares(byLevel) / runs ** 2,
    runLengthNonUniformity: sumOfSquares(byLength) / runs,
    normalisedRunLengthNonUniformity: sumOfSquares(byLength) / runs ** 2,
    // every pixel is in exactly one run, so the pixels are the runs times their mean length
    runPercentage: 1 / meanLength,
    greyLevelVariance: mean((i) => (i - meanLevel) ** 2),
    runLengthVariance: mean((_, j) => (j - meanLength) ** 2),
    runEntropy: entropyOf(counts, runs),
  }
}

/** Mean over all runs of a function of their level and length. */
function weightedMean(
  { columns, counts }: TextureMatrix,
  runs: number,
  of: (level: number, length: number) => number,
): number {
  let sum = 0
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] !== 0) sum += counts[at]! * of(Math.floor(at / columns) + 1, (at % columns) + 1)
  }
  return sum / runs
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2
  return sum
}

function entropyOf(counts: Float64Array, total: number): number {
  let entropy = 0
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] !== 0) entropy -= (counts[i]! / total) * Math.log2(counts[i]! / total)
  }
  return entropy
}
