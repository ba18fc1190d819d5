import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { groupedFolds } from './folds.ts'

const items = fc.array(fc.record({ cluster: fc.integer({ min: 0, max: 30 }).map(String), lesion: fc.boolean() }), {
  minLength: 1,
  maxLength: 120,
})
const by = {
  cluster: (item: { cluster: string }) => item.cluster,
  stratum: (item: { lesion: boolean }) => String(item.lesion),
}

test('no cluster is in two folds, and every item is in one', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 2, max: 6 }), fc.integer(), (of, folds, seed) => {
      const dealt = groupedFolds(of, folds, by, seededRandom(seed))
      const seen = new Map<string, number>()
      for (const [i, { cluster }] of of.entries()) {
        expect(dealt[i]).toBeGreaterThanOrEqual(0)
        expect(dealt[i]).toBeLessThan(folds)
        expect(seen.get(cluster) ?? dealt[i]).toBe(dealt[i])
        seen.set(cluster, dealt[i]!)
      }
    }),
  )
})

test('where every item is a cluster of its own, folds differ by one item of a stratum at most', () => {
  const strata = fc.array(fc.constantFrom('benign', 'malignant', 'normal'), { minLength: 1, maxLength: 150 })
  fc.assert(
    fc.property(strata, fc.integer({ min: 2, max: 8 }), fc.integer(), (of, folds, seed) => {
      const alone = of.map((stratum, i) => ({ stratum, cluster: String(i) }))
      const dealt = groupedFolds(alone, folds, { ...by, stratum: (item) => item.stratum }, seededRandom(seed))
      for (const stratum of new Set(of)) {
        const counts = Array.from({ length: folds }, (_, k) => of.filter((s, i) => s === stratum && dealt[i] === k))
        const sizes = counts.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('where all items are of one stratum, folds differ by the largest cluster at most', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 2, max: 6 }), fc.integer(), (of, folds, seed) => {
      const dealt = groupedFolds(of, folds, { cluster: by.cluster }, seededRandom(seed))
      const sizes = Array.from({ length: folds }, (_, k) => dealt.filter((fold) => fold === k).length)
      const largest = Math.max(...[...Map.groupBy(of, by.cluster).values()].map(({ length }) => length))
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(largest)
    }),
  )
})

test('the same seed deals the same folds, another others', () => {
  const of = Array.from({ length: 60 }, (_, i) => ({ cluster: String(i), lesion: true }))
  expect(groupedFolds(of, 5, by, seededRandom(1))).toEqual(groupedFolds(of, 5, by, seededRandom(1)))
  expect(groupedFolds(of, 5, by, seededRandom(1))).not.toEqual(groupedFolds(of, 5, by, seededRandom(2)))
})
