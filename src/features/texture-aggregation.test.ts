import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { glcmFeatures } from './glcm.ts'
import type { Direction, GreyLevels } from './grey-levels.ts'
import { AGGREGATIONS } from './test-ibsi-phantom.ts'
import { differing, raggedRegion } from './test-texture.ts'
import { type Aggregation, aggregated } from './texture-aggregation.ts'

const SLICES = [1, 2, 3].map((level) => ({ data: Uint32Array.of(level), width: 1, height: 1 }))

/** Which matrices were added up before features were computed: slice and direction of each. */
function groups(aggregation: Aggregation): string[][] {
  const asked: string[] = []
  const told: string[][] = []
  const matrixOf = (slices: readonly GreyLevels[], { x, y, z }: Direction) => {
    asked.push(`${slices.map(({ data }) => data[0]).join('')}:${x},${y},${z}`)
    return { rows: 1, columns: 1, counts: Float64Array.of(1) }
  }
  aggregated(SLICES, aggregation, matrixOf, ({ counts }) => {
    told.push(asked.splice(0))
    return { count: counts[0]! }
  })
  return told
}

describe('of three slices', () => {
  test.each([
    ['2D-averaged', 12, 1],
    ['2D-slice-merged', 3, 4],
    ['2.5D-direction-merged', 4, 3],
    ['2.5D-merged', 1, 12],
    ['3D-averaged', 13, 1],
    ['3D-merged', 1, 13],
  ] as const)('%s averages %i features of %i matrices each, no two alike', (aggregation, features, matrices) => {
    const found = groups(aggregation)
    expect(found.map((group) => group.length)).toEqual(Array(features).fill(matrices))
    expect(new Set(found.flat()).size).toBe(features * matrices)
  })
  test('merged by slice, a group is of one slice; merged by direction, of one direction', () => {
    for (const group of groups('2D-slice-merged')) expect(new Set(group.map((part) => part.split(':')[0])).size).toBe(1)
    for (const group of groups('2.5D-direction-merged')) {
      expect(new Set(group.map((part) => part.split(':')[1])).size).toBe(1)
    }
  })
  test('no direction is the opposite of another', () => {
    const directions = groups('3D-merged').flat()
    const opposites = directions.map((part) => {
      const [x, y, z] = part
        .split(':')[1]!
        .split(',')
        .map((step) => -Number(step) + 0)
      return `123:${x},${y},${z}`
    })
    expect(directions.filter((part) => opposites.includes(part))).toEqual([])
  })
})

test('a feature is the mean over the groups that have counts', () => {
  const counts = [4, 0, 1, 0]
  const features = aggregated(
    [SLICES[0]!],
    '2D-averaged',
    () => ({ rows: 1, columns: 1, counts: Float64Array.of(counts.shift()!) }),
    (matrix) => ({ count: matrix.counts[0]! }),
  )
  expect(features).toEqual({ count: 2.5 })
})

test('without any count, and without a slice, features are absent', () => {
  const nothing = () => ({ rows: 1, columns: 1, counts: new Float64Array(1) })
  for (const aggregation of AGGREGATIONS) {
    expect(aggregated(SLICES, aggregation, nothing, () => ({ count: 1 }))).toEqual({ absent: 'region-too-small' })
    expect(aggregated([], aggregation, nothing, () => ({ count: 1 }))).toEqual({ absent: 'region-too-small' })
  }
})

test('of a single slice it makes no difference to co-occurrence whether averages or merges cross slices', () => {
  fc.assert(
    fc.property(raggedRegion, (slice) => {
      const [averaged, merged, byDirection, all, space, spaceMerged] = AGGREGATIONS.map((a) => glcmFeatures([slice], a))
      expect(differing(byDirection!, averaged!)).toEqual([])
      expect(differing(space!, averaged!)).toEqual([])
      expect(differing(all!, merged!)).toEqual([])
      expect(differing(spaceMerged!, merged!)).toEqual([])
    }),
  )
})
