import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { decodeImage } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { acceptSides, frontalTorso, LEAST_CONFIDENCE, nipplePlaces } from './landmark-finder.ts'
import { readLandmarkModel } from './landmark-model.ts'

const SIZE = { width: 160, height: 120 }
const grey = (at: (x: number, y: number) => number) =>
  GreyImage.from(
    Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => at(i % SIZE.width, Math.floor(i / SIZE.width))),
    SIZE,
  )
const skin = grey(() => 0.6)
const boxes = {
  R: { nipple: { x: 50, y: 60 }, box: [20, 30, 78, 90] },
  L: { nipple: { x: 110, y: 60 }, box: [82, 30, 140, 90] },
} as const

test('a side on which nothing looks enough like a nipple is refused, the other one is not', () => {
  const places = {
    R: { point: { x: 50, y: 60 }, peak: 0.8 },
    L: { point: { x: 112, y: 61 }, peak: LEAST_CONFIDENCE - 1e-6 },
  }
  expect(acceptSides(skin, places, boxes)).toEqual({
    R: { nipple: { x: 50, y: 60 }, box: boxes.R.box, confidence: 0.8 },
    L: absent('nipple-not-found'),
  })
  const atLimit = { ...places, L: { ...places.L, peak: LEAST_CONFIDENCE } }
  expect(acceptSides(skin, atLimit, boxes).L).toMatchObject({ confidence: LEAST_CONFIDENCE })
})

test('what looks more like a nipple than those that were learned from has a confidence of 1, and a number that is none is refused', () => {
  const at = (peak: number) => ({ point: { x: 50, y: 60 }, peak })
  expect(acceptSides(skin, { R: at(1.3), L: at(Number.NaN) }, boxes)).toMatchObject({
    R: { confidence: 1 },
    L: absent('nipple-not-found'),
  })
})

test('a body whose outline is not symmetric is no frontal one', () => {
  const lit = (x: number) => 0.6 + 0.1 * Math.sin(x / 7)
  const leaning = grey((x, y) => (x < 80 - y / 2 || x >= 120 ? 0 : lit(x)))
  expect(frontalTorso(leaning)).toEqual(absent('silhouette-not-frontal'))
  expect(frontalTorso(grey((x) => (x < 40 || x >= 120 ? 0 : lit(x))))).toHaveProperty('width')
  expect(frontalTorso(grey(() => 0))).toEqual(absent('breast-region-not-found'))
})

test('an ultrasound that is offered as a thermogram is refused as what it is', async () => {
  const file = fileURLToPath(new URL('../../examples/ultrasound-one-side/bus_0888-l.png', import.meta.url))
  expect(frontalTorso(toGrey(await decodeImage(await readFile(file), 'us.png')))).toEqual(absent('not-this-modality'))
})

test('swapped maps of a mirrored torso give the mirrored places with the sides swapped', async () => {
  const model = await readLandmarkModel()
  const map = (phase: number) => Float32Array.from({ length: 28 * 28 * 384 }, (_, i) => Math.sin(i * 0.37 + phase))
  const torso = { centre: { x: 70, y: 60 }, width: 100, symmetry: 1 }
  const inMirror = { ...torso, centre: { x: SIZE.width - 1 - 70, y: 60 } }
  const once = nipplePlaces(skin, torso, { R: map(0), L: map(1) }, model)
  const mirrored = nipplePlaces(skin, inMirror, { R: map(1), L: map(0) }, model)
  expect(mirrored.L.point.x).toBeCloseTo(SIZE.width - 1 - once.R.point.x, 9)
  expect(mirrored.R.point.y).toBeCloseTo(once.L.point.y, 9)
  expect([mirrored.L.peak, mirrored.R.peak]).toEqual([once.R.peak, once.L.peak])
})

test('a picture that is rather an ultrasound is no thermogram, and so is one of which it is not sure', async () => {
  const example = path.resolve(import.meta.dirname, '../../examples/ultrasound-one-side/bus_0888-l.png')
  const looks = ['judgeable', 'doubtful'] as const
  for (const [i, picture] of [sharp(example), sharp(example).blur(8)].entries()) {
    const raster = await decodeImage(await picture.png().toBuffer(), 'scan.png')
    expect(judgeability(raster, 'US')).toBe(looks[i])
    expect(frontalTorso(toGrey(raster))).toEqual(absent('not-this-modality'))
  }
})
