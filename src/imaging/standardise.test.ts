import { describe, expect, test } from 'vitest'
import { GreyImage, type RasterImage } from '#core/image.ts'
import { DEFAULT_PREPROCESSING, Preprocessing, PreprocessingStep } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import { percentileWindow } from './contrast.ts'
import { lee, median3 } from './denoise.ts'
import { standardise } from './standardise.ts'

/** Smooth shapes with noise, at a size that the tiles do not divide. */
function scene(width = 301, height = 203): Uint8Array {
  const random = seededRandom(7)
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return Math.max(0, Math.min(255, 90 + 60 * Math.sin(x / 40) * Math.cos(y / 30) + 20 * random.normal()))
  })
}

const WIDTH = 301
const HEIGHT = 203
const SIZE = { width: WIDTH, height: HEIGHT }
const levels = scene()

describe('denoising and contrast', () => {
  test('a flat image stays as it is under every method', () => {
    const flat = GreyImage.from(new Float32Array(WIDTH * HEIGHT).fill(0.4), SIZE)
    for (const out of [median3(flat), lee(flat).image, percentileWindow(flat).image]) {
      expect(out.data.every((value) => Math.abs(value - 0.4) < 1e-6)).toBe(true)
    }
  })
  test("Lee's filter takes most of the speckle from flat tissue and keeps a strong edge", () => {
    const random = seededRandom(3)
    const speckled = GreyImage.from(
      Float32Array.from({ length: 200 * 200 }, (_, i) => (i % 200 < 100 ? 0.1 : 0.6) * (1 + 0.2 * random.normal())),
      { width: 200, height: 200 },
    )
    const { image: filtered, noiseVariation } = lee(speckled)
    expect(noiseVariation).toBeCloseTo(0.04, 1)
    expect(spread(filtered, 20, 80)).toBeLessThan(0.4 * spread(speckled, 20, 80))
    expect(columnMean(filtered, 102) - columnMean(filtered, 97)).toBeGreaterThan(0.35)
  })
  test('the percentile window puts 1 % at 0 and 1 % at 1, for 8 and for 16 bits', () => {
    const ramp = Float32Array.from({ length: 10_000 }, (_, i) => 0.3 + 0.2 * (i / 10_000))
    const { image: stretched, low, high } = percentileWindow(GreyImage.from(ramp, { width: 100, height: 100 }))
    expect(low).toBeCloseTo(0.302, 4)
    expect(high).toBeCloseTo(0.498, 4)
    expect(stretched.data.filter((value) => value === 0).length).toBeCloseTo(100, -1)
    expect(stretched.data.filter((value) => value === 1).length).toBeCloseTo(100, -1)
  })
})

function columnMean({ width, height, data }: GreyImage, x: number): number {
  let sum = 0
  for (let y = 0; y < height; y++) sum += data[y * width + x]!
  return sum / height
}

function spread({ width, data }: GreyImage, from: number, to: number): number {
  const inside = [...data].filter((_, i) => i % width >= from && i % width < to)
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length
  return Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length)
}

describe('standardise', () => {
  const raster: RasterImage = { ...SIZE, channels: 1, bitDepth: 8, data: levels }
  const variants = Preprocessing.shape.fit.options.flatMap((fit) =>
    Preprocessing.shape.denoise.options.flatMap((denoise) =>
      Preprocessing.shape.contrast.options.map((contrast): Preprocessing => ({ size: 448, fit, denoise, contrast })),
    ),
  )
  test.each(variants)('$fit, $denoise, $contrast: a square of 0..1, its steps recorded in order', (preprocessing) => {
    const { image: standard, frame, steps } = standardise(raster, preprocessing)
    expect([standard.width, standard.height]).toEqual([448, 448])
    expect(standard.data.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(frame.original).toEqual(SIZE)
    const { denoise, contrast, fit } = preprocessing
    expect(steps.map((step) => step.name)).toEqual(['grey', denoise, contrast, fit].filter((name) => name !== 'none'))
    for (const step of steps) expect(PreprocessingStep.parse(JSON.parse(JSON.stringify(step)))).toEqual(step)
    expect(standardise(raster, preprocessing).image.data).toEqual(standard.data)
  })
  test('the same scene in 8-bit grey, 8-bit RGB and 16-bit grey standardises alike', () => {
    const preprocessing = { ...DEFAULT_PREPROCESSING.US, contrast: 'percentile' } as const
    const rgb = new Uint8Array(levels.length * 3).map((_, i) => levels[Math.floor(i / 3)]!)
    const deep = Uint16Array.from(levels, (level) => level * 257)
    const expected = standardise(raster, preprocessing).image.data
    for (const other of [
      { ...raster, channels: 3 as const, data: rgb },
      { ...raster, bitDepth: 16 as const, data: deep },
    ]) {
      const got = standardise(other, preprocessing).image.data
      expect(got.every((value, i) => Math.abs(value - expected[i]!) < 1e-5)).toBe(true)
    }
  })
  test('every modality has a default that its schema accepts', () => {
    for (const preprocessing of Object.values(DEFAULT_PREPROCESSING)) {
      expect(Preprocessing.parse(preprocessing)).toEqual(preprocessing)
    }
  })
})

test('twelve bits kept in a sixteen-bit file look like the eight-bit file of the same image', () => {
  const size = { width: 64, height: 48 }
  const eight = Uint8Array.from({ length: 64 * 48 }, (_, i) => (i * 7919) % 256)
  const twelve = Uint16Array.from(eight, (value) => value * 16)
  const sixteen = Uint16Array.from(eight, (value) => value * 257)
  const plain = { size: 32, fit: 'squash', denoise: 'none', contrast: 'none' } as const
  const [a, b, c] = [
    standardise({ ...size, channels: 1, bitDepth: 8, data: eight }, plain),
    standardise({ ...size, channels: 1, bitDepth: 16, data: twelve }, plain),
    standardise({ ...size, channels: 1, bitDepth: 16, data: sixteen }, plain),
  ]
  expect([a, b, c].map(({ steps }) => steps[0]?.parameters.bits)).toEqual([8, 12, 16])
  for (let i = 0; i < a.image.data.length; i++) {
    // 255 * 16 is 4080 of 4095.
    expect(Math.abs(a.image.data[i]! - b.image.data[i]!)).toBeLessThan(0.005)
    expect(c.image.data[i]).toBeCloseTo(a.image.data[i]!, 6)
  }
})
