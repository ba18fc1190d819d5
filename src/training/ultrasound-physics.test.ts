import { expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import { elastic } from './elastic.ts'
import { plantMarks } from './marks.ts'
import { attenuate, castShadow } from './ultrasound-physics.ts'

const SIZE = { width: 64, height: 64 }
const flat = (value: number) => GreyImage.from(new Float32Array(64 * 64).fill(value), SIZE)
const none = flat(0)

test('attenuation leaves the middle depth, follows an exponential, and is undone by its opposite', () => {
  const dimmer = attenuate(flat(0.4), -0.5)
  expect(dimmer.data[0]! / dimmer.data[63 * 64]!).toBeCloseTo(Math.exp(2 * 0.5 * (63 / 64)), 4)
  expect((dimmer.data[31 * 64]! + dimmer.data[32 * 64]!) / 2).toBeCloseTo(0.4, 3)
  for (const value of attenuate(dimmer, 0.5).data) expect(value).toBeCloseTo(0.4, 5)
})

test('a shadow only darkens, and only below where it begins', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { data } = castShadow(flat(0.5), seededRandom(seed))
    expect(data.every((value) => value <= 0.5 && value > 0)).toBe(true)
    const darkRows = Array.from({ length: 64 }, (_, y) => data.subarray(y * 64, (y + 1) * 64).some((v) => v < 0.499))
    const first = darkRows.indexOf(true)
    expect(first === -1 || darkRows.slice(first).every(Boolean)).toBe(true)
  }
})

test('an elastic displacement of deviation 0 moves nothing, and neighbours move alike', () => {
  expect(elastic(SIZE, 0, seededRandom(1)).x.every((value) => value === 0)).toBe(true)
  const { x } = elastic(SIZE, 2, seededRandom(1))
  const deviation = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length)
  expect(deviation).toBeGreaterThan(0.5)
  for (let i = 1; i < 64; i++) expect(Math.abs(x[i]! - x[i - 1]!)).toBeLessThan(1.2)
})

test('planted marks are bright, cover little, and appear on images without a lesion as well', () => {
  const lesion = GreyImage.from(
    Float32Array.from({ length: 64 * 64 }, (_, i) => (Math.hypot((i % 64) - 32, Math.floor(i / 64) - 32) < 12 ? 1 : 0)),
    SIZE,
  )
  for (const mask of [lesion, none]) {
    for (let seed = 0; seed < 20; seed++) {
      const marked = plantMarks(flat(0.1), mask, seededRandom(seed)).data.filter((value) => value !== Math.fround(0.1))
      expect(marked.every((value) => value >= 0.6)).toBe(true)
      expect(marked.length).toBeGreaterThan(4)
      expect(marked.length).toBeLessThan(0.12 * 64 * 64)
    }
  }
})
