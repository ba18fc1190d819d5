import { expect, test } from 'vitest'
import { ScreeningError } from '#core/errors.ts'
import { IMPRESSION, lookScore, PictureLook } from './picture-look.ts'

const look = PictureLook.parse({
  format: 'zaoshai-look-1',
  madeBy: 'a test',
  modality: 'US',
  modelSha256: '0'.repeat(64),
  leastScore: -2,
  doubtBelow: 0,
  intercept: 0.25,
  weights: Array.from({ length: IMPRESSION }, (_, k) => (k % 7) - 3),
})

test('the score is linear in the impression: of the sum of two it is the sum of their scores, less one intercept', () => {
  const [a, b] = [Math.sin, Math.cos].map((wave) => Float32Array.from({ length: IMPRESSION }, (_, k) => wave(k)))
  const both = Float32Array.from(a!, (value, k) => value + b![k]!)
  expect(lookScore(look, both)).toBeCloseTo(lookScore(look, a!) + lookScore(look, b!) - look.intercept, 3)
  expect(lookScore(look, new Float32Array(IMPRESSION))).toBe(look.intercept)
})

test('an impression of another length is refused', () => {
  expect(() => lookScore(look, new Float32Array(256))).toThrow(ScreeningError)
})

test('a file whose weights are not as many as the numbers of an impression is refused', () => {
  expect(PictureLook.safeParse({ ...look, weights: look.weights.slice(1) }).success).toBe(false)
})

test('the score rises with what the weights point to, by the product of the two', () => {
  const raised = (share: number) => Float32Array.from(look.weights, (weight) => share * weight)
  const squared = look.weights.reduce((sum, weight) => sum + weight ** 2, 0)
  expect(lookScore(look, raised(1))).toBeCloseTo(look.intercept + squared, 6)
  expect(lookScore(look, raised(-0.5))).toBeCloseTo(look.intercept - squared / 2, 6)
})
