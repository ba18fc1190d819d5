import { describe, expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import type { LoadedImage } from './dataset.ts'
import { overlap } from './metrics.ts'
import { PERTURBATION_METHODS, PERTURBATIONS, type Perturbation, perturb } from './perturb.ts'

const SIZE = { width: 240, height: 180 }

/** Made-up: a dark ellipse on a bright, slowly varying ground. */
function picture(cx = 140, cy = 80): LoadedImage {
  const inside = (i: number) =>
    ((i % SIZE.width) - cx) ** 2 / 44 ** 2 + (Math.floor(i / SIZE.width) - cy) ** 2 / 30 ** 2 <= 1
  const pixels = Array.from({ length: SIZE.width * SIZE.height }, (_, i) => i)
  const data = Uint8Array.from(pixels, (i) => (inside(i) ? 40 : 200 + 20 * Math.sin(i / 300)))
  const truth = Mask.from(
    Uint8Array.from(pixels, (i) => (inside(i) ? 1 : 0)),
    SIZE,
  )
  return { raster: { ...SIZE, channels: 1, bitDepth: 8, data }, truth }
}

const apply = async (kind: Perturbation['kind'], strength: number, loaded = picture()) =>
  (await perturb(loaded, { kind, strength }, seededRandom(1, kind)))!

/** The mask that the picture itself shows: its dark pixels. */
const seen = ({ raster }: LoadedImage) =>
  Mask.from(
    Uint8Array.from(raster.data, (grey) => (grey > 2 && grey < 100 ? 1 : 0)),
    raster,
  )

test.each([
  ['gain', 1],
  ['gamma', 1],
  ['noise', 0],
  ['speckle', 0],
  ['scale', 1],
  ['crop', 0],
  ['rotation', 0],
] as const)('%s of %d changes nothing', async (kind, strength) => {
  const before = picture()
  const after = await apply(kind, strength, before)
  expect(after.raster).toEqual(before.raster)
  expect(after.truth).toEqual(before.truth)
})

describe('every perturbation of the table', () => {
  test.each(PERTURBATIONS)('$kind $strength moves the mask with what the image shows', async (perturbation) => {
    const after = (await perturb(picture(), perturbation, seededRandom(1)))!
    expect(overlap(seen(after), after.truth).dice).toBeGreaterThan(0.93)
    expect([after.truth.width, after.truth.height]).toEqual([after.raster.width, after.raster.height])
  })

  test.each(PERTURBATIONS)('$kind $strength changes the image, and twice by one seed alike', async (perturbation) => {
    const [once, again] = [seededRandom(5), seededRandom(5)]
    const after = (await perturb(picture(), perturbation, once))!
    expect(after.raster).not.toEqual(picture().raster)
    expect(after.raster).toEqual((await perturb(picture(), perturbation, again))!.raster)
  })

  test('is of a kind whose method is told, and every kind is in it', () => {
    expect(new Set(PERTURBATIONS.map(({ kind }) => kind))).toEqual(new Set(Object.keys(PERTURBATION_METHODS)))
  })
})

describe('what does not move the image', () => {
  test.each(['gain', 'gamma', 'noise', 'speckle', 'blur', 'jpeg'] as const)(
    '%s leaves the mask as it is',
    async (kind) => {
      const { strength } = PERTURBATIONS.find((perturbation) => perturbation.kind === kind)!
      expect((await apply(kind, strength)).truth).toEqual(picture().truth)
    },
  )

  test('gain multiplies grey up to white, gamma leaves black and white', async () => {
    const twice = await apply('gain', 2)
    const before = picture()
    for (const [i, grey] of twice.raster.data.entries()) expect(grey).toBe(Math.min(255, 2 * before.raster.data[i]!))
    const extremes = picture()
    extremes.raster.data.set([0, 255])
    expect([...(await apply('gamma', 1.7, extremes)).raster.data.subarray(0, 2)]).toEqual([0, 255])
  })

  test('noise has the standard deviation that was asked for', async () => {
    const before = picture()
    const { raster } = await apply('noise', 0.03, before)
    const squares = Array.from(raster.data, (grey, i) => ((grey - before.raster.data[i]!) / 255) ** 2)
    expect(Math.sqrt(squares.reduce((sum, square) => sum + square) / squares.length)).toBeCloseTo(0.03, 2)
  })
})

describe('what moves the image', () => {
  test('scale multiplies the area of the mask by its square', async () => {
    for (const factor of [0.5, 1.5, 2]) {
      const { raster, truth } = await apply('scale', factor)
      expect([raster.width, raster.height]).toEqual([240 * factor, 180 * factor])
      expect(truth.areaPx / picture().truth.areaPx / factor ** 2).toBeCloseTo(1, 1)
    }
  })

  test('a crop never cuts a lesion, even one at the edge, and cuts its share elsewhere', async () => {
    const middle = await apply('crop', 0.1)
    expect([middle.raster.width, middle.raster.height]).toEqual([192, 144])
    const edge = picture(205, 155)
    const { raster, truth } = await apply('crop', 0.1, edge)
    expect(truth.areaPx).toBe(edge.truth.areaPx)
    expect([raster.width, raster.height]).toEqual([216, 162])
  })

  test('a rotation there and back is the same mask, but for what the grid costs', async () => {
    const there = await apply('rotation', 10)
    const back = await apply('rotation', -10, there)
    expect(overlap(back.truth, picture().truth).dice).toBeGreaterThan(0.98)
    expect(overlap(there.truth, picture().truth).dice).toBeLessThan(0.95)
  })

  test('a quarter turn of a square image is exact: clockwise, the upper left corner comes to the upper right', async () => {
    const data = new Uint8Array(64 * 64).fill(10)
    for (const i of [0, 1, 64, 65]) data[i] = 200
    const square = { width: 64, height: 64 }
    const loaded: LoadedImage = { raster: { ...square, channels: 1, bitDepth: 8, data }, truth: Mask.empty(square) }
    const { raster } = await apply('rotation', 90, loaded)
    expect([raster.data[62], raster.data[63], raster.data[0]]).toEqual([200, 200, 10])
  })

  test('a lesion that is turned out of the picture is no longer there to be judged', async () => {
    const corner = Mask.empty(SIZE)
    corner.data[0] = 1
    expect(await apply('rotation', 20, { ...picture(), truth: corner })).toBeNull()
  })
})
