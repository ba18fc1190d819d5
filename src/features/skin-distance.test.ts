import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { PatientOrientation } from '#core/orientation.ts'
import { PIXEL_GRID, type PixelSides } from '#core/units.ts'
import type { Lesion } from './measure.ts'
import { skinDistance } from './skin-distance.ts'
import { mirrored } from './test-region.ts'

const SIZE = { width: 160, height: 220 }
type Inside = (x: number, y: number) => boolean

function maskOf(isInside: Inside, size: Size = SIZE): Mask {
  const { width, height } = size
  return Mask.from(
    Uint8Array.from({ length: width * height }, (_, i) => Number(isInside(i % width, Math.floor(i / width)))),
    size,
  )
}

function distance(
  region: Mask,
  exposed: Mask | undefined,
  side: PixelSides = PIXEL_GRID,
  modality: Modality = 'MG',
  patientOrientation?: PatientOrientation,
) {
  return skinDistance({ region, modality, tissue: exposed, place: { patientOrientation } } as Lesion, side)
}

function lengthOf(...args: Parameters<typeof distance>): number {
  const value = distance(...args)
  if (isAbsent(value)) throw new Error(value.absent)
  return value
}

const disc =
  (x: number, y: number, radius = 5): Inside =>
  (px, py) =>
    Math.hypot(px - x, py - y) <= radius

/** A half circle of 90 pixels about (12, 110), its straight side at a margin of the picture. */
const BREAST: Inside = (x, y) => x >= 12 && Math.hypot(x - 12, y - 110) <= 90

describe('on a mammogram', () => {
  test('the distance to the skin of a round breast is what geometry says, wherever the region lies', () => {
    const exposed = maskOf(BREAST)
    const place = fc.record({
      along: fc.double({ min: 0.15, max: 0.9, noNaN: true }),
      turn: fc.double({ min: -1.4, max: 1.4, noNaN: true }),
    })
    fc.assert(
      fc.property(place, ({ along, turn }) => {
        const [x, y] = [12 + 80 * along * Math.cos(turn), 110 + 80 * along * Math.sin(turn)]
        fc.pre(x > 18)
        const value = lengthOf(maskOf(disc(x, y)), exposed)
        expect(Math.abs(value - (90 - 80 * along - 5))).toBeLessThan(1.5)
      }),
      { numRuns: 40 },
    )
  })

  test('far back and low it is the fold below that is nearest', () => {
    // straight down from (20, 190) the skin lies at 110 + 89.6
    expect(Math.abs(lengthOf(maskOf(disc(20, 188, 3)), maskOf(BREAST)) - (199.6 - 191))).toBeLessThan(1)
  })

  test('a ragged edge at the chest wall is no skin', () => {
    const region = maskOf(disc(30, 110))
    const ragged = maskOf((x, y) => BREAST(x, y) && x >= 12 + ((y * 7) % 5 === 0 ? 6 : 0) && !(x < 17 && y % 31 === 0))
    expect(lengthOf(region, ragged)).toBeCloseTo(lengthOf(region, maskOf(BREAST)), 9)
  })

  test('millimetres are those of each axis, and the mirrored breast has the same', () => {
    const side = { x: 0.5, y: 0.8 }
    const [region, exposed] = [maskOf(disc(80, 110)), maskOf(BREAST)]
    // straight ahead, along x
    expect(Math.abs(lengthOf(region, exposed, side) - 0.5 * (102 - 85))).toBeLessThan(0.5)
    expect(lengthOf(mirrored(region), mirrored(exposed), side)).toBeCloseTo(lengthOf(region, exposed, side), 9)
    const standing = (mask: Mask) =>
      maskOf((x, y) => mask.data[x * SIZE.width + y] === 1, { width: SIZE.height, height: SIZE.width })
    const down: PatientOrientation = ['R', 'P']
    expect(lengthOf(standing(region), standing(exposed), { x: side.y, y: side.x }, 'MG', down)).toBeCloseTo(
      lengthOf(region, exposed, side),
      9,
    )
  })

  test('a region that reaches the skin is at 0', () => {
    expect(lengthOf(maskOf(disc(100, 110, 8)), maskOf(BREAST))).toBe(0)
  })

  test('what lies nearer to where the picture cuts the breast off has none', () => {
    const low: Size = { width: 160, height: 150 }
    const cut = maskOf(BREAST, low)
    expect(distance(maskOf(disc(40, 135), low), cut)).toEqual(absent('skin-not-seen'))
    expect(lengthOf(maskOf(disc(85, 100), low), cut)).toBeCloseTo(lengthOf(maskOf(disc(85, 100)), maskOf(BREAST)), 9)
    // the same view in a wider black margin
    const inMargin = maskOf((x, y) => BREAST(x, y) && y < 150)
    expect(distance(maskOf(disc(40, 135)), inMargin)).toEqual(absent('skin-not-seen'))
    expect(lengthOf(maskOf(disc(85, 100)), inMargin)).toBeCloseTo(lengthOf(maskOf(disc(85, 100), low), cut), 9)
    // in front, too
    const narrow: Size = { width: 99, height: 220 }
    expect(distance(maskOf(disc(88, 110), narrow), maskOf(BREAST, narrow))).toEqual(absent('skin-not-seen'))
  })

  test('without a chest wall or a breast there is none', () => {
    const round = maskOf(disc(80, 110, 60))
    expect(distance(maskOf(disc(80, 110)), round)).toEqual(absent('chest-wall-not-found'))
    expect(distance(maskOf(disc(80, 110)), undefined)).toEqual(absent('breast-region-not-found'))
    expect(distance(maskOf(disc(80, 110)), maskOf(BREAST), PIXEL_GRID, 'TG')).toEqual(absent('not-for-this-modality'))
  })
})

describe('on an ultrasound', () => {
  const scan = maskOf((x, y) => y >= 14 && x >= 10 && x < 150)
  const onScan = (region: Mask, exposed = scan, side: PixelSides = PIXEL_GRID) => distance(region, exposed, side, 'US')

  test('it is the depth of the uppermost pixel below the edge of the scan', () => {
    expect(onScan(maskOf(disc(80, 100, 20)), scan, { x: 0.1, y: 0.05 })).toBeCloseTo(0.05 * (80 - 14), 9)
    // not the way to the side of the scan, which is no skin
    expect(onScan(maskOf(disc(16, 100, 5)))).toBe(95 - 14)
  })

  test('beside a trapezoid scan the slanted sides are no skin', () => {
    const trapezoid = maskOf((x, y) => y >= 14 && Math.abs(x - 80) <= 40 + (y - 14) / 4)
    expect(onScan(maskOf(disc(45, 100, 5)), trapezoid)).toBe(95 - 14)
  })

  test('an upper edge that is bent, or that of the picture, tells nothing', () => {
    const sector = maskOf((x, y) => Math.hypot(x - 80, y + 40) >= 60 && Math.hypot(x - 80, y + 40) <= 200)
    expect(onScan(maskOf(disc(80, 100)), sector)).toEqual(absent('skin-not-seen'))
    expect(
      onScan(
        maskOf(disc(80, 100)),
        maskOf((x) => x >= 10),
      ),
    ).toEqual(absent('skin-not-seen'))
  })
})
