import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GreyImage, type Size } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import { frameOf, toOriginal, toStandard } from './frame.ts'
import { intoFrame, logitSampler, logitsToMask, resize } from './resample.ts'

const side = fc.integer({ min: 1, max: 40 })
const size = fc.record({ width: side, height: side })
const picture = size.chain((of) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: of.width * of.height, maxLength: of.width * of.height })
    .map((levels) =>
      GreyImage.from(
        Float32Array.from(levels, (level) => level / 255),
        of,
      ),
    ),
)
const fit = fc.constantFrom('squash' as const, 'letterbox' as const)
const frame = fc
  .record({
    original: fc.record({ width: fc.integer({ min: 1, max: 900 }), height: fc.integer({ min: 1, max: 900 }) }),
    fit,
  })
  .map((given) => frameOf(given.original, { size: 64, fit: given.fit }))

function mirror({ width, height, data }: GreyImage): GreyImage {
  return GreyImage.from(
    data.map((_, i) => data[i - (i % width) + width - 1 - (i % width)]!),
    { width, height },
  )
}

function transpose({ width, height, data }: GreyImage): GreyImage {
  return GreyImage.from(
    data.map((_, i) => data[(i % height) * width + Math.floor(i / height)]!),
    { width: height, height: width },
  )
}

/** Float32 rounding of values up to 1, a few operations deep. */
const ROUNDING = 1e-6

function expectSame(a: GreyImage, b: GreyImage, tolerance = ROUNDING): void {
  expect([a.width, a.height]).toEqual([b.width, b.height])
  expect(a.data.every((value, i) => Math.abs(value - b.data[i]!) <= tolerance)).toBe(true)
}

describe('resize', () => {
  test('a constant image stays constant at every size', () => {
    fc.assert(
      fc.property(size, size, fc.float({ min: 0, max: 1, noNaN: true }), (from, to, level) => {
        const flat = GreyImage.from(new Float32Array(from.width * from.height).fill(level), from)
        expect(resize(flat, to).data.every((value) => Math.abs(value - level) <= ROUNDING)).toBe(true)
      }),
    )
  })
  test('mirroring or transposing first or last is the same', () => {
    fc.assert(
      fc.property(picture, size, (image, to) => {
        expectSame(resize(mirror(image), to), mirror(resize(image, to)))
        expectSame(resize(transpose(image), { width: to.height, height: to.width }), transpose(resize(image, to)))
      }),
    )
  })
  test('values never leave the range of the image', () => {
    fc.assert(
      fc.property(picture, size, (image, to) => {
        const [low, high] = [Math.min(...image.data), Math.max(...image.data)]
        expect(resize(image, to).data.every((v) => v >= low - ROUNDING && v <= high + ROUNDING)).toBe(true)
      }),
    )
  })
  test('a linear ramp stays the same ramp away from the border: exactly when grown, to 0.02 pixels when shrunk', () => {
    for (const to of [7, 20, 50, 160]) {
      const ramp = GreyImage.from(
        Float32Array.from({ length: 50 }, (_, x) => x),
        { width: 50, height: 1 },
      )
      const resized = resize(ramp, { width: to, height: 1 })
      const margin = Math.ceil(Math.max(to / 50, 1))
      for (let x = margin; x < to - margin; x++) {
        const off = Math.abs(resized.data[x]! - ((x + 0.5) * (50 / to) - 0.5))
        expect(off).toBeLessThan(to < 50 ? 0.02 : 1e-5)
      }
    }
  })
  test('growing an image by 2, 3 or 4 and shrinking it back moves nothing: the centre of mass stays', () => {
    fc.assert(
      fc.property(picture, fc.integer({ min: 2, max: 4 }), (image, times) => {
        const grown = resize(image, { width: image.width * times, height: image.height * times })
        const back = resize(grown, image)
        const flat = resize(image, image)
        expect(mean(back)).toBeCloseTo(mean(flat), 1)
        const single = dot(image)
        const there = resize(resize(single, { width: single.width * times, height: single.height * times }), single)
        expect(centre(there).x).toBeCloseTo(centre(single).x, 4)
        expect(centre(there).y).toBeCloseTo(centre(single).y, 4)
      }),
    )
  })
  test('halving averages: a fine checkerboard becomes grey instead of aliasing', () => {
    const board = GreyImage.from(
      Float32Array.from({ length: 64 * 64 }, (_, i) => ((i % 64) + Math.floor(i / 64)) % 2),
      { width: 64, height: 64 },
    )
    const half = resize(board, { width: 31, height: 31 })
    for (let y = 2; y < 29; y++) for (let x = 2; x < 29; x++) expect(half.data[y * 31 + x]).toBeCloseTo(0.5, 1)
  })
})

/** One bright pixel, far enough from the border of an odd-sized image for its blur to stay inside. */
function dot(like: Size): GreyImage {
  const of = { width: like.width + 8, height: like.height + 8 }
  const data = new Float32Array(of.width * of.height)
  data[Math.floor(of.height / 2) * of.width + Math.floor(of.width / 2)] = 1
  return GreyImage.from(data, of)
}

function mean(image: GreyImage): number {
  return image.data.reduce((sum, value) => sum + value, 0) / image.data.length
}

function centre(image: GreyImage): { x: number; y: number } {
  const total = mean(image) * image.data.length
  let [x, y] = [0, 0]
  for (const [i, value] of image.data.entries()) {
    x += (value * (i % image.width)) / total
    y += (value * Math.floor(i / image.width)) / total
  }
  return { x, y }
}

describe('frame', () => {
  test('a point goes there and comes back', () => {
    fc.assert(
      fc.property(frame, fc.double({ min: -10, max: 1000, noNaN: true }), (of, at) => {
        const back = toOriginal(of, toStandard(of, { x: at, y: at / 2 }))
        expect(back.x).toBeCloseTo(at, 6)
        expect(back.y).toBeCloseTo(at / 2, 6)
      }),
    )
  })
  test('the corners of the image meet the corners of its content', () => {
    fc.assert(
      fc.property(frame, (of) => {
        const corner = toStandard(of, { x: of.original.width - 0.5, y: of.original.height - 0.5 })
        expect(corner.x).toBeCloseTo(of.standard.width - of.offsetX - 0.5, 6)
        expect(corner.y).toBeCloseTo(of.standard.height - of.offsetY - 0.5, 6)
      }),
    )
  })
  test('a letterbox keeps the aspect to the pixel pair, a squash fills the square', () => {
    const letterbox = frameOf({ width: 1000, height: 800 }, { size: 448, fit: 'letterbox' })
    expect(letterbox).toMatchObject({ offsetX: 0, offsetY: 45, scaleX: 0.448, scaleY: 358 / 800 })
    const squash = frameOf({ width: 1000, height: 800 }, { size: 448, fit: 'squash' })
    expect(squash).toMatchObject({ offsetX: 0, offsetY: 0, scaleX: 0.448, scaleY: 0.56 })
  })
})

describe('logitsToMask', () => {
  const grid = { width: 16, height: 16 }
  const logits = fc
    .array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 256, maxLength: 256 })
    .map((values) => Float32Array.from(values))

  test('is resize and threshold in one: the same mask as the slow way', () => {
    fc.assert(
      fc.property(logits, frame, (values, of) => {
        fc.pre(of.original.width >= 16 && of.original.height >= 16 && of.offsetX === 0 && of.offsetY === 0)
        const grown = resize(GreyImage.from(values, grid), of.original)
        const mask = logitsToMask(values, grid, of, 0.3)
        expect(
          mask.data.every((v, i) => v === Number(grown.data[i]! > 0.3) || Math.abs(grown.data[i]! - 0.3) < 1e-5),
        ).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
  test('the padding of a letterbox is never in the mask', () => {
    const of = frameOf({ width: 640, height: 320 }, { size: 448, fit: 'letterbox' })
    const values = new Float32Array(448 * 448).fill(-5)
    values.fill(5, 0, of.offsetY * 448)
    values.fill(5, (448 - of.offsetY) * 448)
    expect(logitsToMask(values, { width: 448, height: 448 }, of, 0).areaPx).toBe(0)
  })
  test('a mirrored grid gives the mirrored mask', () => {
    fc.assert(
      fc.property(logits, frame, (values, of) => {
        const straight = logitsToMask(values, grid, of, 0.1)
        const mirrored = logitsToMask(mirror(GreyImage.from(values, grid)).data, grid, of, 0.1)
        const { width } = straight
        const differing = mirrored.data.filter((v, i) => v !== straight.data[i - (i % width) + width - 1 - (i % width)])
        // A pixel on the threshold to the last digit may fall either way: of each cell of the grid that is by itself one on
        // either side, of a small image more than a thousandth.
        expect(differing.length).toBeLessThanOrEqual(Math.max(4, 1e-3 * straight.data.length))
      }),
      { numRuns: 25 },
    )
  })
  test('what is laid into the frame and thresholded comes back where it was', () => {
    for (const kind of ['squash', 'letterbox'] as const) {
      const of = frameOf({ width: 700, height: 500 }, { size: 448, fit: kind })
      const disc = (x: number, y: number) => Number(Math.hypot(x - 420, y - 180) < 90)
      const drawn = Float32Array.from({ length: 700 * 500 }, (_, i) => disc(i % 700, Math.floor(i / 700)))
      const standard = intoFrame(GreyImage.from(drawn, of.original), of)
      const back = logitsToMask(standard.data, of.standard, of, 0.5)
      const differing = back.data.filter((value, i) => value !== drawn[i]).length
      expect(differing).toBeLessThan(2 * Math.PI * 90) // at most a pixel along the outline
    }
  })
})

test('the sampler gives at each pixel the logit by which the mask was made', () => {
  const random = seededRandom(4)
  const from = { width: 28, height: 28 }
  const logits = Float32Array.from({ length: 28 * 28 }, () => random.normal())
  for (const fit of ['squash', 'letterbox'] as const) {
    const original = { width: 75, height: 51 }
    const frame = frameOf(original, { size: 112, fit })
    const mask = logitsToMask(logits, from, frame, 0.2)
    const logit = logitSampler(logits, from, frame)
    for (let i = 0; i < mask.data.length; i++) {
      expect(mask.data[i]).toBe(logit(i % original.width, Math.floor(i / original.width)) > 0.2 ? 1 : 0)
    }
  }
})
