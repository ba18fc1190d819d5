import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { seededRandom } from '#core/random.ts'
import type { Affine } from '#imaging/warp.ts'
import { augment, blockMeans, blur, mirror, type Sample, warp } from './augment.ts'

const identity: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 }

function sample(side: number, seed = 1): Sample {
  const random = seededRandom(seed, 'image')
  const image = GreyImage.from(
    Float32Array.from({ length: side * side }, () => random.uniform()),
    { width: side, height: side },
  )
  return { image, softMask: disc(side, side * 0.55, side * 0.4, side * 0.2) }
}

function disc(side: number, cx: number, cy: number, radius: number): GreyImage {
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    Math.hypot((i % side) - cx, Math.floor(i / side) - cy) <= radius ? 1 : 0,
  )
  return GreyImage.from(data, { width: side, height: side })
}

const area = (mask: GreyImage) => mask.data.reduce((sum, value) => sum + value, 0)

test('the identity map changes nothing', () => {
  const s = sample(32)
  expect(warp(s, identity).image.data).toEqual(s.image.data)
  expect(warp(s, identity).softMask.data).toEqual(s.softMask.data)
})

test('mirroring an image mirrors its mask and keeps its area', () => {
  const s = sample(33)
  const mirrored = mirror(s)
  expect(area(mirrored.softMask)).toBe(area(s.softMask))
  for (let y = 0; y < 33; y++) {
    for (let x = 0; x < 33; x++) {
      expect(mirrored.image.data[y * 33 + x]).toBe(s.image.data[y * 33 + 32 - x])
    }
  }
})

test('mirroring twice gives the image back', () => {
  const s = sample(24)
  expect(mirror(mirror(s)).image.data).toEqual(s.image.data)
})

test('a rotation keeps the area of a mask inside the image, a zoom scales it by its square', () => {
  const side = 96
  const s = { image: disc(side, 47.5, 47.5, 20), softMask: disc(side, 47.5, 47.5, 20) }
  fc.assert(
    fc.property(
      fc.double({ min: -0.3, max: 0.3, noNaN: true }),
      fc.double({ min: 0.8, max: 1.6, noNaN: true }),
      (a, z) => {
        const [c, n] = [Math.cos(a) / z, Math.sin(a) / z]
        const middle = (side - 1) / 2
        const affine = { xx: c, xy: -n, x0: middle - (c - n) * middle, yx: n, yy: c, y0: middle - (n + c) * middle }
        expect(area(warp(s, affine).softMask) / area(s.softMask) / z ** 2).toBeCloseTo(1, 1)
      },
    ),
    { numRuns: 30 },
  )
})

test('the same seed gives the same view, another seed another', () => {
  const s = sample(48)
  const view = (seed: number) => augment(s, 'US', seededRandom(seed)).image.data
  expect(view(4)).toEqual(view(4))
  expect(view(4)).not.toEqual(view(5))
})

test('a view stays within 0..1 and keeps part of the lesion in sight', () => {
  const s = sample(64)
  for (let seed = 0; seed < 60; seed++) {
    const view = augment(s, 'US', seededRandom(seed))
    expect(view.image.data.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(view.softMask.data.every((value) => value >= 0 && value <= 1 + 1e-6)).toBe(true)
    expect(area(view.softMask)).toBeGreaterThan(0.4 * area(s.softMask))
  }
})

test('image and mask move together: a bright lesion stays under its mask', () => {
  const side = 64
  const lesion = disc(side, 30, 36, 10)
  for (let seed = 0; seed < 20; seed++) {
    const { image, softMask } = augment({ image: lesion, softMask: lesion }, 'MG', seededRandom(seed))
    for (let i = 0; i < softMask.data.length; i++) {
      if (softMask.data[i] === 1 && image.data[i]! < 0.2) throw new Error(`seed ${seed}: dark under the mask at ${i}`)
    }
  }
})

test('a normal image keeps an empty mask', () => {
  const side = 32
  const empty = GreyImage.from(new Float32Array(side * side), { width: side, height: side })
  expect(area(augment({ image: sample(side).image, softMask: empty }, 'US', seededRandom(2)).softMask)).toBe(0)
})

test('blur keeps a constant and the sum of an inner spot', () => {
  const flat = GreyImage.from(new Float32Array(400).fill(0.3), { width: 20, height: 20 })
  for (const value of blur(flat, 1.2).data) expect(value).toBeCloseTo(0.3, 6)
  const spot = GreyImage.from(
    Float32Array.from({ length: 400 }, (_, i) => (i === 210 ? 1 : 0)),
    { width: 20, height: 20 },
  )
  expect(area(blur(spot, 1))).toBeCloseTo(1, 5)
})

test('block means keep the mean', () => {
  const mask = disc(48, 20, 20, 9)
  const means = blockMeans(mask, 12)
  expect(means.reduce((sum, value) => sum + value, 0) * 16).toBeCloseTo(area(mask), 4)
})
