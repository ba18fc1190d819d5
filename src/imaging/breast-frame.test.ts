import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { commonCells, MAP_CELLS } from '#core/breast-map.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { type BreastFrame, breastFrame, breastMap, mirroredRegion, regionInFrame } from './breast-frame.ts'

/** A half-ellipse that bulges away from the image's left edge, textured. */
function breast(size: Size, across: number, down: number) {
  const mask = Mask.empty(size)
  const grey = new Float32Array(mask.data.length)
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [i % size.width, Math.floor(i / size.width)]
    const [u, v] = [x / across, (y - size.height / 2) / down]
    if (u * u + v * v > 1) continue
    mask.data[i] = 1
    grey[i] = 0.4 + 0.2 * Math.sin(6 * u) * Math.cos(5 * v)
  }
  return { image: GreyImage.from(grey, size), mask }
}

function flipped<T extends Float32Array | Uint8Array>(data: T, { width }: Size): T {
  const out = data.slice() as T
  for (let i = 0; i < data.length; i++) out[i - (i % width) + width - 1 - (i % width)] = data[i]!
  return out
}

function frameOf(mask: Mask, side: Side): BreastFrame {
  const frame = breastFrame(mask, side)
  if (isAbsent(frame)) throw new Error('no breast')
  return frame
}

test('a breast and its mirror image are the same map, bit for bit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 90, max: 300 }),
      fc.integer({ min: 80, max: 300 }),
      fc.double({ min: 0.3, max: 0.95, noNaN: true }),
      (width, height, share) => {
        const { image, mask } = breast({ width, height }, share * width, 0.45 * height)
        const right = Mask.from(flipped(mask.data, mask), mask)
        const a = breastMap(image, mask, frameOf(mask, 'L'))
        const b = breastMap(GreyImage.from(flipped(image.data, image), image), right, frameOf(right, 'R'))
        expect(b).toEqual(a)
      },
    ),
    { numRuns: 25 },
  )
})

test('the same breast at another size, place and stretch lies on itself', () => {
  const a = breast({ width: 200, height: 260 }, 150, 110)
  const b = breast({ width: 330, height: 300 }, 260, 140)
  const maps = [a, b].map(({ image, mask }) => breastMap(image, mask, frameOf(mask, 'L')))
  const cells = commonCells(maps[0]!, maps[1]!)
  if (isAbsent(cells)) throw new Error(cells.absent)
  const total = maps[0]!.inside.reduce((sum, value) => sum + value, 0)
  expect(cells.length).toBeGreaterThan(0.97 * total)
  const apart = cells.map((cell) => Math.abs(maps[0]!.grey[cell]! - maps[1]!.grey[cell]!))
  expect(apart.reduce((sum, value) => sum + value, 0) / cells.length).toBeLessThan(0.01)
})

test('breasts of another form are not laid on each other', () => {
  const a = breast({ width: 200, height: 260 }, 150, 110)
  const { image, mask } = breast({ width: 200, height: 260 }, 150, 110)
  for (let y = 0; y < 260; y++) for (let x = 20; x < 200; x++) if (y < 130) mask.data[y * 200 + x] = 0
  const maps = [a, { image, mask }].map((one) => breastMap(one.image, one.mask, frameOf(one.mask, 'L')))
  expect(commonCells(maps[0]!, maps[1]!)).toEqual({ absent: 'breasts-not-alike' })
})

test('a region covers as many cells as its share of the frame', () => {
  const { mask } = breast({ width: 200, height: 260 }, 150, 110)
  const frame = frameOf(mask, 'L')
  const region = Mask.empty(mask)
  for (let y = 100; y < 140; y++) region.data.fill(1, y * 200 + 30, y * 200 + 70)
  const share = regionInFrame(region, frame).reduce((sum, value) => sum + value, 0)
  const expected = (1600 * MAP_CELLS * MAP_CELLS) / (4 * frame.halfWidth * frame.halfHeight)
  expect(share / expected).toBeCloseTo(1, 1)
})

test('an image without a breast has no frame', () => {
  expect(breastFrame(Mask.empty({ width: 40, height: 40 }), 'L')).toEqual({ absent: 'breast-region-not-found' })
})

test('what is muscle has no cells of its own, and the outline that registers the breasts keeps it', () => {
  const { image, mask } = breast({ width: 200, height: 260 }, 150, 110)
  const withoutMuscle = Mask.from(
    mask.data.map((value, i) => ((i % 200) + Math.floor(i / 200) < 120 ? 0 : value)),
    mask,
  )
  const frame = frameOf(mask, 'L')
  const [whole, part] = [breastMap(image, mask, frame), breastMap(image, mask, frame, withoutMuscle)]
  expect(part.outline).toEqual(whole.inside)
  const cells = commonCells(whole, part)
  if (isAbsent(cells)) throw new Error(cells.absent)
  expect(cells.length).toBe(part.inside.reduce((sum, value) => sum + value, 0))
  expect(cells.length).toBeLessThan(whole.inside.reduce((sum, value) => sum + value, 0))
  expect(cells.every((cell) => part.grey[cell] === whole.grey[cell])).toBe(true)
})

/** An ellipse within the breast, at a share of its reach. */
function spot(size: Size, x: number, y: number, across: number, down: number): Mask {
  const inside = (i: number) =>
    Math.hypot(((i % size.width) - x) / across, (Math.floor(i / size.width) - y) / down) <= 1
  return Mask.from(
    Uint8Array.from({ length: size.width * size.height }, (_, i) => Number(inside(i))),
    size,
  )
}
const dice = (a: Mask, b: Mask) =>
  (2 * a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0)) / (a.areaPx + b.areaPx)

describe('the mirrored place of a region', () => {
  test('in the mirror image of the breast is exactly the mirrored region, whatever the size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 90, max: 300 }),
        fc.integer({ min: 80, max: 300 }),
        fc.double({ min: 0.3, max: 0.95, noNaN: true }),
        (width, height, share) => {
          const { mask } = breast({ width, height }, share * width, 0.45 * height)
          const right = Mask.from(flipped(mask.data, mask), mask)
          const region = spot(mask, 0.4 * share * width, 0.4 * height, 9, 7)
          const mirrored = mirroredRegion(region, frameOf(mask, 'L'), frameOf(right, 'R'))
          expect(mirrored.data).toEqual(flipped(region.data, region))
          expect(mirroredRegion(mirrored, frameOf(right, 'R'), frameOf(mask, 'L'))).toEqual(region)
        },
      ),
      { numRuns: 25 },
    )
  })
  test('in a breast of another size and place is where that breast has it, and there and back is the region again', () => {
    const { mask: left } = breast({ width: 200, height: 260 }, 150, 110)
    const { mask: other } = breast({ width: 330, height: 300 }, 260, 140)
    const right = Mask.from(flipped(other.data, other), other)
    const [from, to] = [frameOf(left, 'L'), frameOf(right, 'R')]
    const region = spot(left, 70, 110, 16, 13)
    const mirrored = mirroredRegion(region, from, to)
    // the same shares of reach: 70/150 across, 20/110 above the middle
    const expected = spot(right, 329 - (70 / 150) * 260, 150 - (20 / 110) * 140, (16 / 150) * 260, (13 / 110) * 140)
    expect(dice(mirrored, expected)).toBeGreaterThan(0.96)
    expect(dice(mirroredRegion(mirrored, to, from), region)).toBeGreaterThan(0.97)
  })
  test('beyond the other image is nothing', () => {
    const { mask: left } = breast({ width: 200, height: 260 }, 150, 110)
    const cut = breast({ width: 80, height: 60 }, 79, 29)
    const right = Mask.from(flipped(cut.mask.data, cut.mask), cut.mask)
    const region = spot(left, 195, 5, 4, 4)
    expect(mirroredRegion(region, frameOf(left, 'L'), frameOf(right, 'R')).areaPx).toBe(0)
  })
})
