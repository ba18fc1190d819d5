import { expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import {
  applyStage,
  type LinearStage,
  locateBreasts,
  look,
  OUTPUTS,
  prepare,
  STAGES,
  stageInputs,
} from './landmark-cascade.ts'
import { findTorso, mirrored } from './torso.ts'

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

/** Weights of chance, small enough that the second stage stays on the torso: the laws hold whatever a model has learned. */
const random = seededRandom(3, 'stages')
const stages: LinearStage[] = STAGES.map((_, stage) => ({
  weights: Float32Array.from({ length: OUTPUTS * stageInputs(stage) }, () => 0.002 * random.normal()),
  bias: Float32Array.from(stage === 0 ? [-0.2, 0.1, -0.4, -0.1, 0, 0.3] : [0, 0, -0.2, -0.2, 0.2, 0.2]),
}))
stages[1] = { ...stages[1]!, weights: stages[1]!.weights.map((weight) => weight / 10) }

function located(image: GreyImage) {
  const torso = findTorso(image)
  if (isAbsent(torso)) throw new Error(torso.absent)
  return locateBreasts(image, torso, stages)
}

test('a mirrored image has the mirrored proposals with the sides swapped', () => {
  const [right, left] = [located(torso), located(mirrored(torso))]
  expect(left.L.nipple.x).toBeCloseTo(WIDTH - 1 - right.R.nipple.x, 6)
  expect(left.R.nipple.y).toBeCloseTo(right.L.nipple.y, 6)
  expect(left.L.box[2]).toBeCloseTo(WIDTH - 1 - right.R.box[0], 6)
})

test('background cut off beside the torso shifts the proposals', () => {
  const cut = 20
  const cropped = new Float32Array((WIDTH - 2 * cut) * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) {
    cropped.set(torso.data.subarray(y * WIDTH + cut, (y + 1) * WIDTH - cut), y * (WIDTH - 2 * cut))
  }
  const [whole, part] = [located(torso), located(GreyImage.from(cropped, { width: WIDTH - 2 * cut, height: HEIGHT }))]
  for (const side of ['R', 'L'] as const) {
    // the image is resized to a whole number of pixels, so a patch may differ by a part of one
    expect(Math.abs(part[side].nipple.x + cut - whole[side].nipple.x)).toBeLessThan(1.5)
    expect(Math.abs(part[side].nipple.y - whole[side].nipple.y)).toBeLessThan(1.5)
  }
})

test("the woman's right breast is to the left of the midline and her left one to the right of it", () => {
  const torso = { centre: { x: 79.5, y: 60 }, width: 80, symmetry: 1 }
  // what was learned of right breasts: a quarter of the torso's width to the left
  const learned = STAGES.map((_, stage) => ({
    weights: new Float32Array(OUTPUTS * stageInputs(stage)),
    bias: Float32Array.from(stage === 0 ? [-0.25, 0.125, 0, 0, 0, 0] : [0, 0, -0.25, -0.125, 0.25, 0.125]),
  }))
  const blank = GreyImage.from(new Float32Array(WIDTH * HEIGHT), { width: WIDTH, height: HEIGHT })
  expect(locateBreasts(blank, torso, learned)).toEqual({
    R: { nipple: { x: 59.5, y: 70 }, box: [39.5, 60, 79.5, 80] },
    L: { nipple: { x: 99.5, y: 70 }, box: [79.5, 60, 119.5, 80] },
  })
})

test('each stage looks where the one before found the nipple, and moves on from there', () => {
  const at = findTorso(torso)
  if (isAbsent(at)) throw new Error(at.absent)
  const prepared = prepare(torso, at)
  const moved = stages.reduce((from, stage, index) => {
    const [x, y] = applyStage(stage, look(prepared, index, from))
    return { x: from.x + x! * at.width, y: from.y + y! * at.width }
  }, at.centre)
  const { nipple } = located(torso).R
  expect(nipple.x).toBeCloseTo(moved.x, 9)
  expect(nipple.y).toBeCloseTo(moved.y, 9)
})
