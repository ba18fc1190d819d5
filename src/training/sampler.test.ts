import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DatasetImage } from './dataset.ts'
import { parseManifest } from './manifest.ts'
import { drawEpoch, EVERY_TIME_ANEW, PLAIN_VIEWS, type SamplingPlan, strataOf } from './sampler.ts'

const settings = { views: 4, batch: 8, stepsPerEpoch: 9, seed: 3 }
const plan: SamplingPlan = { ...settings, strata: strataOf([alike(40), alike(9)]) }

test('an epoch has as many full batches as the plan says, however many images there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 3 }),
      fc.nat(5),
      (sizes, epoch) => {
        const any = { ...settings, strata: strataOf(sizes.map(alike)) }
        const batches = drawEpoch(any, epoch)
        expect(batches.length).toBe(settings.stepsPerEpoch)
        for (const batch of batches) expect(batch.length).toBe(8)
        for (const draw of batches.flat()) {
          expect(draw.image).toBeLessThan(sizes[draw.dataset]!)
          expect(draw.view).toBeLessThan(4)
        }
      },
    ),
    { numRuns: 30 },
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

test('a class of a quarter of the images is shown half as often as one of the whole rest times its size', () => {
  const images = parse([...Array(64).fill('benign,'), ...Array(16).fill('normal,')])
  const draws = [0, 1, 2, 3].flatMap((epoch) => drawEpoch({ ...settings, strata: strataOf([images]) }, epoch).flat())
  const normal = draws.filter(({ image }) => image >= 64).length
  expect(normal / draws.length).toBeCloseTo(4 / (4 + 8), 2)
})

test('near-duplicates together are shown as often as one image alone', () => {
  const images = parse([...Array(8).fill('benign,g1'), ...Array(8).fill('benign,')])
  const draws = Array.from({ length: 9 }, (_, epoch) => drawEpoch({ ...settings, strata: strataOf([images]) }, epoch))
  const ofGroup = draws.flat(2).filter(({ image }) => image < 8)
  expect(ofGroup.length).toBe(9 * 8)
  expect(new Set(ofGroup.map(({ image }) => image)).size).toBeGreaterThan(3)
})

test('a view that is made anew every time is never seen twice', () => {
  const draws = drawEpoch({ ...plan, views: EVERY_TIME_ANEW }, 0).flat()
  const random = draws.filter(({ view }) => view >= PLAIN_VIEWS)
  expect(new Set(random.map(({ view }) => view)).size).toBe(random.length)
})

test.each([4, EVERY_TIME_ANEW])('half of the draws of %d views are plain', (views) => {
  const draws = Array.from({ length: 20 }, (_, epoch) => drawEpoch({ ...plan, views }, epoch)).flat(2)
  const plain = draws.filter(({ view }) => view < PLAIN_VIEWS).length
  expect(plain / draws.length).toBeCloseTo(0.5, 1)
})

test('a single view is the image itself', () => {
  expect(new Set(drawEpoch({ ...plan, views: 1 }, 0).flatMap((of) => of.map(({ view }) => view)))).toEqual(new Set([0]))
})

test('an epoch is a function of seed and number alone', () => {
  expect(drawEpoch(plan, 5)).toEqual(drawEpoch(plan, 5))
  expect(drawEpoch(plan, 5)).not.toEqual(drawEpoch(plan, 6))
  expect(drawEpoch(plan, 5)).not.toEqual(drawEpoch({ ...plan, seed: 4 }, 5))
})

function alike(count: number): DatasetImage[] {
  return parse(Array(count).fill('benign,'))
}

/** @param lines class and group of each image. */
function parse(lines: readonly string[]): DatasetImage[] {
  const text = lines.map((line, i) => `i${i},i${i}.png,m${i}.png,train,${line}\n`).join('')
  const { rows } = parseManifest(`id,image,mask,split,class,group\n${text}`, { folder: '/clinic', modality: 'US' })
  return rows.map((row) => ({ row, imageSha256: row.id, maskSha256: row.id, lesion: row.class !== 'normal' }))
}
