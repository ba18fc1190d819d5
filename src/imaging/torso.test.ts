import { expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { findTorso, mirrored } from './torso.ts'

const SIZE = { width: 160, height: 120 }

/** A made-up torso between two outlines before a dark background, shaded so that nothing in it is symmetric. */
function torso(left: (y: number) => number, right: (y: number) => number): GreyImage {
  const data = Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
    return x < left(y) || x >= right(y) ? 0 : 0.6 + 0.1 * Math.sin(x / 7) + 0.1 * Math.cos((y + x) / 9)
  })
  return GreyImage.from(data, SIZE)
}

function found(image: GreyImage) {
  const at = findTorso(image)
  if (isAbsent(at)) throw new Error(at.absent)
  return at
}

const bulge = (y: number) => 18 * Math.exp(-(((y - 70) / 15) ** 2))

test('an outline that is its own mirror image has a symmetry of about 1, wherever it lies and whatever is in it', () => {
  for (const shift of [-15, 0, 15]) {
    const image = torso(
      (y) => 45 + shift - bulge(y),
      (y) => 115 + shift + bulge(y),
    )
    expect(found(image).symmetry).toBeGreaterThan(0.97)
  }
})

test('a body seen from the side, which bulges on one side alone, is less symmetric, and alike in the mirror', () => {
  const side = torso(
    (y) => 60 - 2 * bulge(y),
    (y) => 100 - bulge(y),
  )
  const { symmetry } = found(side)
  expect(symmetry).toBeLessThan(0.9)
  expect(found(mirrored(side)).symmetry).toBeCloseTo(symmetry, 2)
})

test('an arm away from the body, on one side alone, leaves the symmetry of the body between its own outlines', () => {
  const withArm = torso(
    (y) => (y < 50 ? 32 : 60),
    () => 100,
  )
  const { width, symmetry } = found(withArm)
  expect(Math.abs(width - 40)).toBeLessThan(3)
  expect(symmetry).toBeGreaterThan(0.97)
})

test('a blank image has no torso', () => {
  expect(isAbsent(findTorso(GreyImage.from(new Float32Array(6400), { width: 80, height: 80 })))).toBe(true)
})
