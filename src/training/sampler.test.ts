import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawEpoch, stepsPerEpoch } from './sampler.ts'

const plan = { sizes: [40, 9], views: 4, batch: 8, seed: 3 }

test('an epoch has as many samples as images, in full batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 }),
      fc.nat(5),
      (sizes, epoch) => {
        const any = { ...plan, sizes }
        const batches = drawEpoch(any, epoch)
        expect(batches.length).toBe(stepsPerEpoch(any))
        for (const batch of batches) expect(batch.length).toBe(8)
        for (const draw of batches.flat()) {
          expect(draw.image).toBeLessThan(sizes[draw.dataset]!)
          expect(draw.view).toBeLessThan(4)
        }
      },
    ),
  )
})

test('data sets of any size give the same share', () => {
  const draws = drawEpoch(plan, 0).flat()
  const ofFirst = draws.filter((draw) => draw.dataset === 0).length
  expect(Math.abs(ofFirst - (draws.length - ofFirst))).toBeLessThanOrEqual(1)
})

test('a data set shows every image before it shows one twice, across epochs', () => {
  const shown = [0, 1, 2, 3].flatMap((epoch) => drawEpoch(plan, epoch).flat()).filter((draw) => draw.dataset === 1)
  const counts = Array.from({ length: 9 }, (_, image) => shown.filter((draw) => draw.image === image).length)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
})

test('an epoch is a function of seed and number alone', () => {
  expect(drawEpoch(plan, 5)).toEqual(drawEpoch(plan, 5))
  expect(drawEpoch(plan, 5)).not.toEqual(drawEpoch(plan, 6))
  expect(drawEpoch(plan, 5)).not.toEqual(drawEpoch({ ...plan, seed: 4 }, 5))
})
