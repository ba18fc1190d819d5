import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { click } from './evaluate-prompts.ts'

const SIZE = { width: 40, height: 30 }

/** 1 from `left` to `right` and `top` to `bottom`, both ends included. */
function rectangle(left: number, top: number, right: number, bottom: number): Mask {
  const mask = Mask.empty(SIZE)
  for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) mask.data[y * SIZE.width + x] = 1
  return mask
}

test('a first click falls amid the lesion', () => {
  expect(click(rectangle(10, 4, 20, 14), Mask.empty(SIZE))).toEqual({ x: 15, y: 9, onLesion: true })
})

test('a correction falls amid the largest error and says whether that is lesion', () => {
  const truth = rectangle(10, 4, 20, 14)
  const tooMuch = rectangle(10, 4, 38, 14)
  expect(click(truth, tooMuch)).toMatchObject({ onLesion: false, y: 9 })
  expect(click(truth, tooMuch).x).toBeGreaterThan(20)
  expect(click(tooMuch, truth)).toMatchObject({ onLesion: true, y: 9 })
})

test('a mask without error is clicked on the lesion', () => {
  const truth = rectangle(3, 3, 9, 9)
  expect(click(truth, truth)).toEqual({ x: 6, y: 6, onLesion: true })
})

test('a click always falls on a pixel that is wrong', () => {
  const masks = fc.uint8Array({ minLength: 1200, maxLength: 1200, max: 1 })
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      const [truth, said] = [Mask.from(a, SIZE), Mask.from(b, SIZE)]
      const { x, y, onLesion } = click(truth, said)
      const at = y * SIZE.width + x
      expect(truth.data[at]).toBe(onLesion ? 1 : 0)
      expect(said.data[at]).toBe(onLesion ? 0 : 1)
    }),
    { numRuns: 30 },
  )
})
