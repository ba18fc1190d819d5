import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { GreyImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import type { PatientOrientation } from '#core/orientation.ts'
import { PIXEL_GRID, type PixelSides } from '#core/units.ts'
import { breastRegion } from '#imaging/breast-region.ts'
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

  test('a muscle that is no part of the tissue leaves the skin where it is', () => {
    const [region, exposed] = [maskOf(disc(40, 60)), maskOf(BREAST)]
    const tissue = maskOf((x, y) => BREAST(x, y) && x + y > 90)
    const lesion = { region, modality: 'MG', tissue, exposed } as Lesion
    expect(skinDistance(lesion, PIXEL_GRID)).toBe(lengthOf(region, exposed))
  })

  test('a view that is cut off above, too, and by the millimetres of its axes', () => {
    const above = maskOf((x, y) => BREAST(x, y + 70))
    expect(distance(maskOf(disc(40, 12)), above)).toEqual(absent('skin-not-seen'))
    // 25 pixels to the cut, 22 to the skin ahead: which is nearer depends on the sides of a pixel
    const region = maskOf(disc(73, 30))
    const ahead = lengthOf(region, above, { x: 0.2, y: 1 })
    expect(Math.abs(ahead - 0.2 * 24)).toBeLessThan(0.6)
    expect(distance(region, above, { x: 1, y: 0.2 })).toEqual(absent('skin-not-seen'))
  })

  test('a region that encloses the breast is at 0', () => {
    expect(
      lengthOf(
        maskOf((x, y) => Math.hypot(x - 12, y - 110) <= 97),
        maskOf(BREAST),
      ),
    ).toBe(0)
  })

  test('without a chest wall or a breast there is none', () => {
    const round = maskOf(disc(80, 110, 60))
    expect(distance(maskOf(disc(80, 110)), round)).toEqual(absent('chest-wall-not-found'))
    expect(distance(maskOf(disc(80, 110)), undefined)).toEqual(absent('breast-region-not-found'))
    expect(distance(maskOf(disc(80, 110)), maskOf(BREAST), PIXEL_GRID, 'TG')).toEqual(absent('not-for-this-modality'))
  })
})

describe('on an ultrasound', () => {
  /** Speckle where it was scanned, black elsewhere, and the scan as the software finds it. */
  function scanned(isScanned: Inside): Pick<Lesion, 'image' | 'tissue'> {
    const { width, height } = SIZE
    const grey = Float32Array.from({ length: width * height }, (_, i) =>
      isScanned(i % width, Math.floor(i / width)) ? 0.25 + 0.1 * Math.sin(i * 12.9898) : 0,
    )
    const image = GreyImage.from(grey, SIZE)
    return { image, tissue: breastRegion(image, 'US') }
  }
  const onScan = (region: Mask, isScanned: Inside, side: PixelSides = PIXEL_GRID) =>
    skinDistance({ region, modality: 'US', ...scanned(isScanned) } as Lesion, side)
  const straight: Inside = (x, y) => y >= 14 && x >= 10 && x < 150

  test('it is the depth of the uppermost pixel below the edge of the scan', () => {
    const depth = onScan(maskOf(disc(80, 100, 20)), straight, { x: 0.1, y: 0.05 })
    if (isAbsent(depth)) throw new Error(depth.absent)
    // the edge is seen to a pixel
    expect(Math.abs(depth - 0.05 * (80 - 14))).toBeLessThanOrEqual(0.05 + 1e-9)
    // not the way to the side of the scan, which is no skin
    const beside = onScan(maskOf(disc(20, 100, 5)), straight)
    expect(beside).toBeGreaterThanOrEqual(95 - 15)
    expect(
      onScan(
        maskOf((x, y) => x > 60 && x < 90 && y >= 4 && y < 40),
        straight,
      ),
    ).toBe(0)
  })

  test('beside a trapezoid scan the slanted sides are no skin', () => {
    const depth = onScan(maskOf(disc(45, 100, 5)), (x, y) => y >= 14 && Math.abs(x - 80) <= 45 + (y - 14) / 8)
    expect(depth).toBeGreaterThanOrEqual(95 - 15)
  })

  test('the arc of a curved transducer, spanned by a chord, tells nothing, nor does the edge of the picture', () => {
    for (const [radius, depth, halfAngle] of [
      [60, 120, 30],
      [80, 100, 35],
      [100, 90, 25],
    ] as const) {
      const sector: Inside = (x, y) => {
        const [dx, dy] = [x - 80, y + radius - 40]
        const [r, angle] = [Math.hypot(dx, dy), (Math.abs(Math.atan2(dx, dy)) * 180) / Math.PI]
        return r >= radius && r <= radius + depth && angle <= halfAngle
      }
      expect(onScan(maskOf(disc(80, 100)), sector)).toEqual(absent('skin-not-seen'))
    }
    expect(onScan(maskOf(disc(80, 100)), (x) => x >= 10)).toEqual(absent('skin-not-seen'))
  })
})
