import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { PatientOrientation } from '#core/orientation.ts'
import type { Mm } from '#core/units.ts'
import { describeLocation } from './location.ts'
import { type Lesion, measure } from './measure.ts'
import { mirrored } from './test-region.ts'

const SIZE = { width: 80, height: 100 }
const SPACING = { x: 0.5 as Mm, y: 0.7 as Mm }

function maskOf(isSet: (x: number, y: number) => boolean): Mask {
  const { width, height } = SIZE
  return Mask.from(
    Uint8Array.from({ length: width * height }, (_, i) => (isSet(i % width, Math.floor(i / width)) ? 1 : 0)),
    SIZE,
  )
}

/** A left breast: straight at x = 5, where the picture has a margin, round elsewhere, the nipple at the far right. */
const BREAST = maskOf((x, y) => x >= 5 && ((x - 5) / 65) ** 2 + ((y - 50) / 42) ** 2 <= 1)
const NIPPLE = { x: 70, y: 50 }

function lesionAt(x: number, y: number, view: 'CC' | 'MLO', patientOrientation?: PatientOrientation): Lesion {
  const region = maskOf((px, py) => Math.hypot(px - x, py - y) <= 3)
  const image = GreyImage.from(new Float32Array(SIZE.width * SIZE.height).fill(0.5), SIZE)
  const place = { side: 'L' as const, view, patientOrientation }
  return { image, region, marked: region, tissue: BREAST, spacing: SPACING, modality: 'MG', nipplePx: NIPPLE, place }
}

/** The same breast of a woman seen in a mirror: right for left. */
function otherSide(lesion: Lesion): Lesion {
  const letters = (text: string) => text.replace(/[LR]/g, (letter) => (letter === 'L' ? 'R' : 'L'))
  const [row, column] = lesion.place!.patientOrientation!
  const turned = row.replace(/[AP]/g, (letter) => (letter === 'A' ? 'P' : 'A'))
  const orientation: PatientOrientation = [letters(turned), letters(column)]
  const region = mirrored(lesion.region)
  return {
    ...lesion,
    region,
    marked: region,
    tissue: mirrored(lesion.tissue!),
    nipplePx: { x: SIZE.width - 1 - NIPPLE.x, y: NIPPLE.y },
    place: { ...lesion.place, side: 'R', patientOrientation: orientation },
  }
}

test('mirroring image, mask and nipple and swapping the side leaves every place and distance as it was', () => {
  const somewhere = fc.record({
    x: fc.integer({ min: 9, max: 50 }),
    y: fc.integer({ min: 30, max: 70 }),
    view: fc.constantFrom('CC' as const, 'MLO' as const),
  })
  fc.assert(
    fc.property(somewhere, ({ x, y, view }) => {
      const lesion = lesionAt(x, y, view, view === 'CC' ? ['A', 'R'] : ['A', 'FR'])
      expect(describeLocation(otherSide(lesion))).toEqual(describeLocation(lesion))
      const [before, after] = [measure(lesion), measure(otherSide(lesion))]
      for (const name of ['nippleDistanceMm', 'depthFraction', 'chestWallDistanceMm', 'skinDistanceMm'] as const) {
        const [a, b] = [before[name], after[name]]
        if (isAbsent(a) || isAbsent(b)) throw new Error(`absent: ${name}`)
        expect(b.value, name).toBeCloseTo(a.value, 9)
      }
    }),
    { numRuns: 30 },
  )
})

test('a CC tells lateral from medial, an MLO superior from inferior, by the orientation that was given', () => {
  expect(describeLocation(lesionAt(30, 30, 'CC', ['A', 'R'])).mediolateral).toEqual({ word: 'lateral' })
  expect(describeLocation(lesionAt(30, 30, 'CC', ['A', 'L'])).mediolateral).toEqual({ word: 'medial' })
  expect(describeLocation(lesionAt(30, 50, 'CC', ['A', 'R'])).mediolateral).toEqual({ word: 'central' })
  expect(describeLocation(lesionAt(30, 70, 'MLO', ['A', 'FR'])).superoinferior).toEqual({ word: 'inferior' })
  expect(describeLocation(lesionAt(30, 70, 'MLO', ['A', 'FR'])).mediolateral).toEqual({ absent: 'not-for-this-view' })
})

test('an orientation that is not given is not guessed, one that the picture contradicts is not believed', () => {
  expect(describeLocation(lesionAt(30, 30, 'CC')).mediolateral).toEqual({ absent: 'orientation-not-given' })
  expect(describeLocation(lesionAt(30, 30, 'CC', ['P', 'R'])).mediolateral).toEqual({ absent: 'orientation-conflict' })
  expect(describeLocation(lesionAt(30, 30, 'CC', ['A', 'F'])).mediolateral).toEqual({ absent: 'orientation-conflict' })
})

test('depth counts from the nipple to the straight side of the breast, margin or not', () => {
  const depth = (x: number) => measure(lesionAt(x, 50, 'CC')).depthFraction
  expect(depth(37)).toMatchObject({ value: (70 - 37) / 65 })
  expect([60, 37, 12].map((x) => describeLocation(lesionAt(x, 50, 'CC')).depthThird)).toEqual([
    { word: 'anterior' },
    { word: 'middle' },
    { word: 'posterior' },
  ])
})

test('a thermogram has a share of the breast width and no millimetres', () => {
  const lesion = { ...lesionAt(30, 50, 'CC'), modality: 'TG' as const, place: { breastWidthPx: 80 } }
  const { nippleDistanceMm, nippleDistanceShare } = measure(lesion)
  expect(nippleDistanceMm).toEqual({ absent: 'not-for-this-modality' })
  expect(nippleDistanceShare).toEqual({ value: 0.5, unit: '1', distance: 'breast-width' })
})

test('what the examiner entered beside an ultrasound gives quadrant and distance along the skin', () => {
  const place = { side: 'R' as const, clock: 10, nippleDistanceMm: 40 }
  const lesion: Lesion = { ...lesionAt(30, 50, 'CC'), modality: 'US', nipplePx: undefined, place }
  expect(measure(lesion).enteredNippleDistanceMm).toEqual({ value: 40, unit: 'mm', distance: 'along-skin' })
  expect(describeLocation(lesion)).toMatchObject({ clockPosition: { word: '10' }, quadrant: { word: 'upper-outer' } })
})

test('a muscle that was taken out of the tissue moves neither depth nor chest wall, and is no part of the ring', () => {
  const whole = lesionAt(20, 50, 'MLO', ['A', 'FR'])
  const rest = maskOf((x, y) => BREAST.data[y * SIZE.width + x] === 1 && x + y > 60)
  const parted = { ...whole, tissue: rest, exposed: BREAST }
  expect(describeLocation(parted)).toEqual(describeLocation(whole))
  const [before, after] = [measure(whole), measure(parted)]
  expect(after.depthFraction).toEqual(before.depthFraction)
  expect(after.chestWallDistanceMm).toEqual(before.chestWallDistanceMm)
  const near = lesionAt(14, 50, 'MLO', ['A', 'FR'])
  const bright = {
    ...near,
    image: GreyImage.from(
      near.image.data.map((_, i) => (rest.data[i] === 1 ? 0.5 : 0.9)),
      SIZE,
    ),
  }
  const ratio = (lesion: Lesion) => {
    const { ringRatio } = measure(lesion)
    if (!('value' in ringRatio)) throw new Error(ringRatio.absent)
    return ringRatio.value
  }
  expect(ratio({ ...bright, tissue: rest, exposed: BREAST })).not.toBeCloseTo(ratio(bright), 3)
})

test('a view that is cut off straight below has its chest wall at the side, and one that was said to hang otherwise where that says', () => {
  // breast down to the lower edge of the picture over its whole depth, ragged along the chest wall
  const cutOff = maskOf((x, y) => y >= 20 && x >= 5 + (y % 3 === 0 ? 4 : 0) && x <= 5 + 0.8 * (y - 20))
  const lesion = { ...lesionAt(30, 60, 'MLO'), tissue: cutOff }
  expect(measure(lesion).chestWallDistancePx).toMatchObject({ value: 27 - 5 })
  const lying = { ...lesion, place: { ...lesion.place, patientOrientation: ['FR', 'P'] as PatientOrientation } }
  expect(measure(lying).chestWallDistancePx).toMatchObject({ value: 99 - 63 })
})

describe('with the edge of the pectoral muscle depth follows the posterior nipple line', () => {
  const edge = [
    { x: 30, y: 8 },
    { x: 5, y: 48 },
  ] as const
  const nipple = { x: 60, y: 60 }
  const at = (x: number, y: number, over: Partial<Lesion> = {}) =>
    ({ ...lesionAt(x, y, 'MLO', ['A', 'FR']), nipplePx: nipple, muscleEdgePx: edge, ...over }) as Lesion
  const depth = (lesion: Lesion) => {
    const { depthFraction } = measure(lesion)
    if (isAbsent(depthFraction)) throw new Error(depthFraction.absent)
    return depthFraction.value
  }
  /** Where the line from a point square to the edge meets it, in millimetres of the axes. */
  const footOf = ({ x, y }: { x: number; y: number }, side: { x: number; y: number }) => {
    const [a, b] = edge.map((end) => ({ x: end.x * side.x, y: end.y * side.y })) as [typeof nipple, typeof nipple]
    const [u, v] = [b.x - a.x, b.y - a.y]
    const t = ((x * side.x - a.x) * u + (y * side.y - a.y) * v) / (u * u + v * v)
    return { x: (a.x + t * u) / side.x, y: (a.y + t * v) / side.y }
  }

  test('half way to it is a half, on it one, also above the nipple, on pixels that are not square', () => {
    const square = at(30, 30, { spacing: undefined })
    for (const lesion of [at(30, 30), square]) {
      const side = lesion.spacing ?? { x: 1, y: 1 }
      const foot = footOf(nipple, side)
      // the line meets the muscle within the picture
      expect(foot.x).toBeGreaterThan(5)
      const halfWay = { x: Math.round((nipple.x + foot.x) / 2), y: Math.round((nipple.y + foot.y) / 2) }
      expect(Math.abs(depth({ ...at(halfWay.x, halfWay.y), spacing: lesion.spacing }) - 0.5)).toBeLessThan(0.02)
    }
    expect(Math.abs(depth(at(20, 24)) - 1)).toBeLessThan(0.02)
    expect(depth(at(66, 60))).toBe(0)
    // straight back the same region is in the middle third
    expect(depth(at(20, 24, { muscleEdgePx: undefined }))).toBeLessThan(0.75)
  })

  test('a line that leaves the picture before it meets the muscle ends there, square to it in millimetres', () => {
    const low = { x: 60, y: 85 }
    const steep = [
      { x: 12, y: 8 },
      { x: 5, y: 20 },
    ] as const
    for (const spacing of [undefined, { x: 0.4 as Mm, y: 0.8 as Mm }]) {
      const side = spacing ?? { x: 1, y: 1 }
      const [alongX, alongY] = [7 * side.x, -12 * side.y]
      const back = { x: alongY / Math.hypot(alongX, alongY), y: -alongX / Math.hypot(alongX, alongY) }
      const length = ((60 - 5) * side.x) / -back.x
      const lesion = at(20, 80, { muscleEdgePx: steep, nipplePx: low, spacing })
      const expected = ((20 - 60) * side.x * back.x + (80 - 85) * side.y * back.y) / length
      expect(depth(lesion)).toBeCloseTo(expected, 9)
    }
  })

  test('of the other side in a mirror it is the same', () => {
    const lesion = at(34, 30)
    const flip = ({ x, y }: { x: number; y: number }) => ({ x: SIZE.width - 1 - x, y })
    const mirror = {
      ...otherSide(lesion),
      nipplePx: flip(nipple),
      muscleEdgePx: [flip(edge[0]), flip(edge[1])] as const,
    }
    expect(depth(mirror)).toBeCloseTo(depth(lesion), 9)
    expect(depth({ ...lesion, muscleEdgePx: [edge[1], edge[0]] })).toBeCloseTo(depth(lesion), 9)
  })
})

test('a region that does not lie in the breast has no place in it', () => {
  const none = absent('region-outside-breast')
  for (const lesion of [lesionAt(76, 10, 'CC', ['A', 'R']), lesionAt(2, 50, 'CC', ['A', 'R'])]) {
    const { depthFraction, chestWallDistancePx, skinDistancePx, lateralOffsetMm } = measure(lesion)
    expect([depthFraction, chestWallDistancePx, skinDistancePx, lateralOffsetMm]).toEqual([none, none, none, none])
  }
})

test('of a stated orientation that the picture contradicts nothing is measured', () => {
  const conflict = absent('orientation-conflict')
  const { depthFraction, chestWallDistancePx, skinDistancePx } = measure(lesionAt(30, 50, 'CC', ['P', 'R']))
  expect([depthFraction, chestWallDistancePx, skinDistancePx]).toEqual([conflict, conflict, conflict])
})

test('on the subtracted image of an oblique view no depth is told, since that of the other exposure ends at the muscle', () => {
  const lesion = lesionAt(30, 50, 'MLO')
  const subtracted = { ...lesion, place: { ...lesion.place, energy: 'subtracted' as const } }
  expect(measure(subtracted).depthFraction).toEqual(absent('not-on-subtracted-image'))
  expect(describeLocation(subtracted).depthThird).toEqual(absent('not-on-subtracted-image'))
  expect(measure(subtracted).chestWallDistancePx).toEqual(measure(lesion).chestWallDistancePx)
  const cc = {
    ...lesionAt(30, 50, 'CC'),
    place: { side: 'L' as const, view: 'CC' as const, energy: 'subtracted' as const },
  }
  expect(measure(cc).depthFraction).toHaveProperty('value')
})

test('a third ends at a third, and what lies behind the wall that was found is in the last', () => {
  // 65 pixels from the nipple at 70 to the wall at 5
  const third = (x: number) => describeLocation(lesionAt(x, 50, 'CC')).depthThird
  expect([49, 48, 27, 26].map((x) => third(x))).toEqual(
    ['anterior', 'middle', 'middle', 'posterior'].map((word) => ({ word })),
  )
})

test('a nipple behind the muscle speaks against the muscle', () => {
  const behind = {
    ...lesionAt(30, 50, 'MLO'),
    nipplePx: { x: 10, y: 20 },
    muscleEdgePx: [
      { x: 30, y: 8 },
      { x: 5, y: 48 },
    ] as const,
  }
  expect(measure(behind).depthFraction).toEqual(absent('pectoral-muscle-not-found'))
})
