import { describe, expect, test } from 'vitest'
import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import { boxMean } from './box-mean.ts'
import { burnedInMarks, marksDrawnOver } from './burned-in.ts'
import { syntheticUltrasound } from './synthetic-ultrasound.ts'

const SIZE = { width: 500, height: 400 }

/** The synthetic ultrasound with speckle as wide as a pulse: that of a single pixel is no echo. */
function ultrasound(seed: number): RasterImage {
  const raster = syntheticUltrasound(SIZE, seededRandom(seed))
  return { ...raster, data: Uint8Array.from(boxMean(Float32Array.from(raster.data), SIZE, 1), Math.round) }
}

interface Drawn {
  readonly raster: RasterImage
  /** Indices of the pixels that were drawn. */
  readonly pixels: readonly number[]
}

/** Two calipers, the dots between them, and a letter, over the synthetic ultrasound. */
function withMarks(seed: number, level = 255): Drawn {
  const raster = ultrasound(seed)
  const data = raster.data.slice()
  const pixels: number[] = []
  const dot = (x: number, y: number) => {
    pixels.push(y * SIZE.width + x)
    data[y * SIZE.width + x] = level
  }
  for (const [x, y] of [
    [150, 120],
    [300, 180],
  ] as const) {
    for (let arm = -5; arm <= 5; arm++) {
      dot(x + arm, y)
      dot(x, y + arm)
    }
  }
  for (let at = 10; at < 150; at += 6) dot(150 + at, 120 + Math.round((at * 60) / 150))
  for (let row = 0; row < 12; row++) dot(60, 330 + row)
  for (let column = 0; column < 6; column++) dot(60 + column, 341)
  return { raster: { ...raster, data }, pixels }
}

const marksOf = (raster: RasterImage): Mask => burnedInMarks(raster)

describe('burned-in marks', () => {
  test.each([1, 2, 3])('calipers, dots and letters are found, and hardly anything else (%i)', (seed) => {
    const { raster, pixels } = withMarks(seed)
    const marks = marksOf(raster)
    const found = pixels.filter((i) => marks.data[i] === 1).length
    expect(found / pixels.length).toBeGreaterThan(0.95)
    // Each is found with the pixels around it.
    expect(marks.areaPx).toBeLessThan(6 * pixels.length)
  })

  test('an ultrasound without marks has next to none', () => {
    for (const seed of [1, 2, 3, 4]) {
      expect(marksOf(ultrasound(seed)).areaPx).toBeLessThan(0.001 * SIZE.width * SIZE.height)
    }
  })

  test('bright layers of tissue are none, however bright', () => {
    const { width, height } = SIZE
    const data = Uint8Array.from({ length: width * height }, (_, i) => (Math.floor(i / width) % 20 < 3 ? 255 : 60))
    expect(marksOf({ ...SIZE, channels: 1, bitDepth: 8, data }).areaPx).toBe(0)
  })

  test('coloured pixels are marks', () => {
    const { data } = ultrasound(5)
    const rgb = Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!)
    const at = 200 * SIZE.width + 250
    rgb.set([255, 200, 0], 3 * at)
    const marks = marksOf({ ...SIZE, channels: 3, bitDepth: 8, data: rgb })
    expect(marks.data[at]).toBe(1)
  })

  test('seen twice as finely the same marks are found', () => {
    const { raster } = withMarks(1)
    const [width, height] = [2 * SIZE.width, 2 * SIZE.height]
    const source = (i: number) => Math.floor(Math.floor(i / width) / 2) * SIZE.width + Math.floor((i % width) / 2)
    const data = Uint8Array.from({ length: width * height }, (_, i) => raster.data[source(i)]!)
    const marks = marksOf({ width, height, channels: 1, bitDepth: 8, data })
    const coarse = marksOf(raster)
    let both = 0
    for (let i = 0; i < data.length; i++) both += marks.data[i]! & coarse.data[source(i)]!
    expect((2 * both) / (marks.areaPx + 4 * coarse.areaPx)).toBeGreaterThan(0.8)
  })

  test('are looked for on ultrasounds alone', () => {
    const { raster } = withMarks(1)
    expect(marksDrawnOver(raster, 'US')).toEqual(burnedInMarks(raster))
    for (const modality of ['MG', 'TG', 'OT'] as const) expect(marksDrawnOver(raster, modality)).toBeUndefined()
  })
})
