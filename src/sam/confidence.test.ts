import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import type { Size } from '#core/image.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { components } from '#imaging/components.ts'
import { type Frame, frameOf } from '#imaging/frame.ts'
import { logitSampler, logitsToMask } from '#imaging/resample.ts'
import { bandAreasPx, expectedDice, softDice } from './confidence.ts'
import type { Prediction } from './predict.ts'

const SIDE = 112
const square = { width: 448, height: 448 }

/** The model's answer where the probability at a cell is `p`. */
function prediction(p: (x: number, y: number) => number): Prediction {
  const maskLogits = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const value = p(i % SIDE, Math.floor(i / SIDE))
    return Math.log(value / (1 - value))
  })
  return {
    maskLogits,
    maskSize: { width: SIDE, height: SIDE },
    presence: absent('not-evaluated'),
    iou: 0.5,
    impression: new Float32Array(768),
  }
}

const logitOf = (p: number) => Math.log(p / (1 - p))
const MASK_THRESHOLDS = [0.2, 0.25, 0.4, 0.6]

function regionsOf({ maskLogits, maskSize }: Prediction, frame: Frame) {
  return components(logitsToMask(maskLogits, maskSize, frame, logitOf(0.4)))
}

const squash = (original: Size) => frameOf(original, DEFAULT_PREPROCESSING.US)
const isLeft = (x: number) => x < SIDE / 2
const disc = (cx: number, cy: number, r: number) => (x: number, y: number) => Math.hypot(x - cx, y - cy) <= r

test('soft Dice is the mean Dice over masks drawn from the probabilities, when many pixels are drawn', () => {
  // All cells at 0.8 inside and 0.1 outside: the sums hardly vary, so the mean of the quotient is the quotient of the means.
  const drawn = (inside: number, outside: number) => {
    const half = (SIDE * SIDE) / 2
    return (2 * inside * half) / (inside * half + outside * half + half)
  }
  const frame = squash(square)
  for (const [inside, outside] of [
    [0.8, 0.1],
    [0.95, 0.02],
    [0.6, 0.3],
  ] as const) {
    const answer = prediction((x) => (isLeft(x) ? inside : outside))
    expect(softDice(answer, frame, regionsOf(answer, frame)).mask).toBeCloseTo(drawn(inside, outside), 6)
  }
})

test('probabilities of nought and one make the mask certain', () => {
  const lesion = disc(50, 50, 12)
  const answer = prediction((x, y) => (lesion(x, y) ? 1 - 1e-7 : 1e-7))
  const { mask, regions } = softDice(answer, squash(square), regionsOf(answer, squash(square)))
  expect(mask).toBeGreaterThan(0.97)
  expect(regions).toEqual([mask])
})

test('a faint second region is trusted less than a sharp first one, and the mask lies between them', () => {
  const [sharp, faint] = [disc(30, 30, 12), disc(85, 85, 8)]
  const answer = prediction((x, y) => (sharp(x, y) ? 0.98 : faint(x, y) ? 0.5 : 0.005))
  const { mask, regions } = softDice(answer, squash(square), regionsOf(answer, squash(square)))
  expect(regions).toHaveLength(2)
  expect(regions[0]).toBeGreaterThan(mask)
  expect(mask).toBeGreaterThan(regions[1]!)
})

test('what the mask leaves out counts against it, in the part of the image nearest to it', () => {
  const lesion = disc(30, 30, 12)
  const alone = prediction((x, y) => (lesion(x, y) ? 0.95 : 0.001))
  const doubted = prediction((x, y) => (lesion(x, y) ? 0.95 : x > 60 ? 0.3 : 0.001))
  const of = (answer: Prediction) => softDice(answer, squash(square), regionsOf(answer, squash(square))).mask
  expect(of(doubted)).toBeLessThan(of(alone) - 0.2)
})

test("a letterbox's padding says nothing", () => {
  const original = { width: 400, height: 200 }
  const frame = frameOf(original, { size: 448, fit: 'letterbox' })
  const lesion = disc(40, 56, 12)
  const isPadding = (y: number) => y < 28 || y >= 84
  const of = (padding: number) => {
    const answer = prediction((x, y) => (lesion(x, y) ? 0.95 : isPadding(y) ? padding : 0.01))
    return softDice(answer, frame, regionsOf(answer, frame)).mask
  }
  expect(of(0.3)).toBe(of(0.01))
})

test('no mask has a soft Dice of nought', () => {
  expect(
    softDice(
      prediction(() => 0.01),
      squash(square),
      [],
    ),
  ).toEqual({ mask: 0, regions: [] })
})

/** Probability that falls from 1 to 0 around a circle of radius `r` cells, by a logistic of width `width` cells. */
const blurred = (r: number, width: number) => (x: number, y: number) =>
  1 / (1 + Math.exp((Math.hypot(x - 55.5, y - 55.5) - r) / width))

test('the band of a disc with a logistic border is the ring between its two contours', () => {
  for (const original of [square, { width: 900, height: 900 }]) {
    const frame = squash(original)
    const cellPx = original.width / SIDE
    for (const width of [1, 2, 4]) {
      const answer = prediction(blurred(25, width))
      const [area] = bandAreasPx(answer, frame, regionsOf(answer, frame), 0.5)
      const [outer, inner] = [25 + width * Math.log(3), 25 - width * Math.log(3)]
      const ring = Math.PI * (outer ** 2 - inner ** 2) * cellPx ** 2
      expect(area! / ring).toBeGreaterThan(0.97)
      expect(area! / ring).toBeLessThan(1.03)
    }
  }
})

test('the outline runs within its band, whatever the threshold: a border that falls slowly there is the wider', () => {
  const frame = squash(square)
  for (const threshold of MASK_THRESHOLDS) {
    const answer = prediction(blurred(25, 2))
    const regions = components(logitsToMask(answer.maskLogits, answer.maskSize, frame, logitOf(threshold)))
    const r = 25 - 2 * logitOf(threshold)
    const ring = Math.PI * ((r + 2 * Math.log(3)) ** 2 - (r - 2 * Math.log(3)) ** 2) * 16
    expect(bandAreasPx(answer, frame, regions, threshold)[0]! / ring).toBeCloseTo(1, 1)
  }
})

test('a faint island that does not touch a region is not in its band', () => {
  const lesion = blurred(15, 1)
  const island = disc(100, 100, 5)
  const alone = prediction(lesion)
  const beside = prediction((x, y) => Math.max(lesion(x, y), island(x, y) ? 0.35 : 0))
  const of = (answer: Prediction) => bandAreasPx(answer, squash(square), regionsOf(answer, squash(square)), 0.5)
  expect(of(beside)).toEqual(of(alone))
})

test('two regions share what lies between them, and nothing is counted twice', () => {
  const answer = prediction((x, y) => {
    const centre = Math.min(Math.hypot(x - 35, y - 55), Math.hypot(x - 75, y - 55))
    return 1 / (1 + Math.exp((centre - 12) / 6))
  })
  const frame = squash(square)
  const regions = regionsOf(answer, frame)
  const areas = bandAreasPx(answer, frame, regions, 0.5)
  expect(regions).toHaveLength(2)
  expect(Math.abs(areas[0]! - areas[1]!) / areas[0]!).toBeLessThan(0.05)
  const logit = logitSampler(answer.maskLogits, answer.maskSize, frame)
  let all = 0
  for (let i = 0; i < 448 * 448; i++) if (Math.abs(logit(i % 448, Math.floor(i / 448))) < Math.log(3)) all++
  expect(areas[0]! + areas[1]!).toBe(all)
})

test('the expected Dice rises with soft Dice, stays between 0 and 1, and the map 0, 1 takes soft Dice at its word', () => {
  const range: [number, number] = [0, 1]
  const map = { intercept: -0.8, slope: 1.1, range }
  const grid = Array.from({ length: 101 }, (_, i) => i / 100)
  const values = grid.map((value) => expectedDice(map, value))
  for (let i = 1; i < values.length; i++) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!)
  expect(Math.min(...values)).toBeGreaterThan(0)
  expect(Math.max(...values)).toBeLessThan(1)
  for (const value of grid.slice(1, -1))
    expect(expectedDice({ intercept: 0, slope: 1, range }, value)).toBeCloseTo(value, 12)
})

test('beyond the soft Dice that the map was fitted on, the expected Dice is that of its border', () => {
  const map = { intercept: 0, slope: 1, range: [0.3, 0.9] as [number, number] }
  expect(expectedDice(map, 0.05)).toBe(expectedDice(map, 0.3))
  expect(expectedDice(map, 0.99)).toBe(expectedDice(map, 0.9))
})
