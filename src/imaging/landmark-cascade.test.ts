import { expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import {
  acceptSides,
  LEAST_CONFIDENCE,
  type LinearStage,
  locateSides,
  OUTPUTS,
  proposeLandmarks,
  STAGES,
  stageInputs,
} from './landmark-cascade.ts'
import { mirrored } from './torso.ts'

/** A made-up torso, not symmetrical, before a dark background. */
const [WIDTH, HEIGHT] = [160, 120]
const torso = GreyImage.from(
  Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    if (x < 40 || x >= 120) return 0
    return 0.6 + 0.1 * Math.sin(x / 7) + 0.1 * Math.cos((y + x) / 9)
  }),
  { width: WIDTH, height: HEIGHT },
)

/** Weights of chance, small enough that the starts come together: the laws hold whatever a model has learned. */
const random = seededRandom(3, 'stages')
const stages: LinearStage[] = STAGES.map((_, stage) => ({
  weights: Float32Array.from({ length: OUTPUTS * stageInputs(stage) }, () => 0.002 * random.normal()),
  bias: Float32Array.from(stage === 0 ? [-0.2, 0.1, -0.4, -0.1, 0, 0.3] : [0, 0, -0.2, -0.2, 0.2, 0.2]),
}))
stages[1] = { ...stages[1]!, weights: stages[1]!.weights.map((weight) => weight / 10) }

function proposed(image: GreyImage) {
  const found = locateSides(image, stages)
  if (isAbsent(found)) throw new Error(found.absent)
  return found
}

test('a mirrored image has the mirrored proposals with the sides swapped', () => {
  const [right, left] = [proposed(torso), proposed(mirrored(torso))]
  expect(left.L.nipple.x).toBeCloseTo(WIDTH - 1 - right.R.nipple.x, 6)
  expect(left.R.nipple.y).toBeCloseTo(right.L.nipple.y, 6)
  expect(left.L.box[2]).toBeCloseTo(WIDTH - 1 - right.R.box[0], 6)
  expect(left.L.confidence).toBeCloseTo(right.R.confidence, 6)
})

test('background cut off beside the torso shifts the proposals', () => {
  const cut = 20
  const cropped = new Float32Array((WIDTH - 2 * cut) * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) {
    cropped.set(torso.data.subarray(y * WIDTH + cut, (y + 1) * WIDTH - cut), y * (WIDTH - 2 * cut))
  }
  const [whole, part] = [proposed(torso), proposed(GreyImage.from(cropped, { width: WIDTH - 2 * cut, height: HEIGHT }))]
  for (const side of ['R', 'L'] as const) {
    // the image is resized to a whole number of pixels, so a patch may differ by a part of one
    expect(Math.abs(part[side].nipple.x + cut - whole[side].nipple.x)).toBeLessThan(1.5)
    expect(Math.abs(part[side].nipple.y - whole[side].nipple.y)).toBeLessThan(1.5)
  }
})

test('a blank image has no torso', () => {
  expect(isAbsent(proposeLandmarks(GreyImage.from(new Float32Array(6400), { width: 80, height: 80 }), stages))).toBe(
    true,
  )
})

test('an image is refused where the starts of one side do not come together, whatever those of the other do', () => {
  const located = proposed(torso)
  const sure = { R: { ...located.R, confidence: 0.9 }, L: { ...located.L, confidence: LEAST_CONFIDENCE } }
  expect(acceptSides(torso, sure).R?.box).toEqual(located.R.box)
  const unsure = { ...sure, L: { ...located.L, confidence: LEAST_CONFIDENCE / 2 } }
  expect(acceptSides(torso, unsure)).toEqual({ R: undefined, L: undefined })
})

test('noise that fills a torso-like silhouette is refused', () => {
  const noise = seededRandom(7, 'foreign')
  const foreign = GreyImage.from(
    torso.data.map((value) => (value === 0 ? 0 : 0.3 + 0.7 * noise.uniform())),
    torso,
  )
  // a stage that follows every gradient, as a model does on what it never saw
  const wild = stages.map(({ weights, bias }) => ({ weights: weights.map((weight) => 30 * weight), bias }))
  expect(isAbsent(locateSides(foreign, wild))).toBe(false)
  expect(proposeLandmarks(foreign, wild)).toEqual({ R: undefined, L: undefined })
})
