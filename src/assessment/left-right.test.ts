import fc from 'fast-check'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { type BreastMap, MAP_CELLS } from '#core/breast-map.ts'
import { COMPARISON_NAMES } from '#core/features.ts'
import type { Side } from '#core/modality.ts'
import { type BreastSummary, compareSides, type Extent, type ImageSummary } from './left-right.ts'

/** Breasts of one outline, with the given grey in each cell. */
function map(grey: (cell: number) => number): BreastMap {
  const inside = new Uint8Array(MAP_CELLS * MAP_CELLS).fill(1, 2000, 9000)
  const values = Float32Array.from(inside, (isInside, cell) => (isInside === 1 ? grey(cell) : 0))
  return { grey: values, texture: values.map((value) => value / 7), inside, outline: inside }
}

/** A breast on whose image no muscle was looked for. */
function whole(exposed: Extent, over: Pick<BreastSummary, 'map' | 'celsius'>): BreastSummary {
  return { exposed, withoutMuscle: absent('not-for-this-view'), ...over }
}

const FLAT = map(() => 0.4)
const NO_CELSIUS = absent('no-temperature-scale')

function summary(side: Side, over: Partial<ImageSummary> = {}): ImageSummary {
  return {
    id: `${side}-CC`,
    side,
    modality: 'MG',
    view: 'CC',
    breast: whole({ areaPx: 1000, markedPx: 50, areaMm2: 500, meanGrey: 0.4 }, { map: FLAT, celsius: NO_CELSIUS }),
    marked: { count: 1 },
    ...over,
  }
}

const anySummary = (side: Side) =>
  fc
    .record({
      areaPx: fc.integer({ min: 1, max: 10_000 }),
      areaMm2: fc.double({ min: 0.1, max: 500, noNaN: true }),
      meanGrey: fc.double({ min: 0.01, max: 1, noNaN: true }),
      count: fc.nat(9),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      step: fc.integer({ min: 1, max: 97 }),
      perGrey: fc.double({ min: 10, max: 60, noNaN: true }),
    })
    .map(({ areaPx, areaMm2, meanGrey, count, share, step, perGrey }) => {
      const celsius = { perGrey, offset: 20 }
      const breast = whole(
        { areaPx, markedPx: areaPx * share, areaMm2, meanGrey },
        { map: map((cell) => ((cell * step) % 97) / 97), celsius },
      )
      return summary(side, { modality: 'TG', view: 'frontal', breast, marked: { count } })
    })

function onlyPair(images: readonly ImageSummary[]) {
  const compared = compareSides(images)
  if (!Array.isArray(compared) || compared[0] === undefined) throw new Error('no comparison')
  expect(compared).toHaveLength(1)
  return compared[0]
}

test('swapping the sides turns the sign of every comparison', () => {
  const other = (image: ImageSummary): ImageSummary => ({ ...image, side: image.side === 'L' ? 'R' : 'L' })
  fc.assert(
    fc.property(anySummary('L'), anySummary('R'), (left, right) => {
      const a = onlyPair([left, right]).values
      const b = onlyPair([other(left), other(right)]).values
      for (const name of COMPARISON_NAMES) {
        const [x, y] = [a[name], b[name]]
        if (!('value' in x) || !('value' in y)) throw new Error(`${name} absent`)
        expect(y.value + x.value).toBeCloseTo(0, 9)
      }
    }),
  )
})

test('mirrored breasts that are alike differ by 0 in grey, texture and temperature', () => {
  fc.assert(
    fc.property(anySummary('L'), (left) => {
      const { values } = onlyPair([left, { ...left, id: 'R-frontal', side: 'R' }])
      expect(values.intensityDifference).toEqual({ value: 0, unit: '1' })
      expect(values.textureDifference).toEqual({ value: 0, unit: '1' })
      expect(values.temperatureDifference).toEqual({ value: 0, unit: 'Cel' })
    }),
    { numRuns: 20 },
  )
})

test('a breast that is brighter by a tenth everywhere and warmer by a degree is said to be so, with the sign of its side', () => {
  const of = (side: Side, grey: number) => {
    const celsius = { perGrey: 10, offset: 25 }
    const breast = whole({ areaPx: 1, markedPx: 0, areaMm2: 1, meanGrey: grey }, { map: map(() => grey), celsius })
    return summary(side, { modality: 'TG', view: 'frontal', breast })
  }
  const { values } = onlyPair([of('L', 0.5), of('R', 0.6)])
  if (!('value' in values.intensityDifference) || !('value' in values.temperatureDifference)) throw new Error('absent')
  expect(values.intensityDifference.value).toBeCloseTo(-0.1, 6)
  expect(values.temperatureDifference.value).toBeCloseTo(-1, 5)
})

test('breasts whose outlines differ are not laid on each other; their areas are compared all the same', () => {
  const inside = new Uint8Array(MAP_CELLS * MAP_CELLS).fill(1, 5000, 12_000)
  const other = { ...FLAT, inside, outline: inside }
  const breast = whole({ areaPx: 1000, markedPx: 50, areaMm2: 500, meanGrey: 0.4 }, { map: other, celsius: NO_CELSIUS })
  const { values } = onlyPair([summary('L'), summary('R', { breast })])
  expect(values.intensityDifference).toEqual(absent('breasts-not-alike'))
  expect(values.breastAreaAsymmetry).toEqual({ value: 0, unit: '1' })
})

test('a muscle that was found on one side alone counts as breast on both; found on both it counts on neither', () => {
  const exposed = { areaPx: 1000, markedPx: 50, areaMm2: 500, meanGrey: 0.4 }
  const bright = { areaPx: 800, markedPx: 20, areaMm2: 400, meanGrey: 0.3 }
  const found = { ...whole(exposed, { map: FLAT, celsius: NO_CELSIUS }), withoutMuscle: bright }
  const one = onlyPair([summary('L', { breast: found }), summary('R')]).values
  expect([one.breastAreaAsymmetry, one.brightnessAsymmetry]).toEqual([
    { value: 0, unit: '1' },
    { value: 0, unit: '1' },
  ])
  const smaller = { ...found, withoutMuscle: { ...bright, areaPx: 400, areaMm2: 240, meanGrey: 0.1 } }
  const both = onlyPair([summary('L', { breast: found }), summary('R', { breast: smaller })]).values
  if (!('value' in both.breastAreaAsymmetry) || !('value' in both.brightnessAsymmetry)) throw new Error('absent')
  expect(both.breastAreaAsymmetry.value).toBeCloseTo(0.25, 9)
  expect(both.brightnessAsymmetry.value).toBeCloseTo(0.5, 9)
  // 20 of 800 against 20 of 400: what is marked in the muscle counts on neither
  expect(both.markedFractionDifference).toEqual({ value: -2.5, unit: '%' })
})

test('cells in the muscle of either breast are not compared, and do not make the breasts unlike', () => {
  const cells = (_: number, cell: number) => Number(cell >= 4000 && cell < 9000)
  const dark = { ...map((cell) => (cell < 4000 ? 0.9 : 0.4)), inside: FLAT.inside.map(cells) }
  const breast = whole({ areaPx: 1000, markedPx: 50, areaMm2: 500, meanGrey: 0.4 }, { map: dark, celsius: NO_CELSIUS })
  const { values } = onlyPair([summary('L', { breast }), summary('R')])
  expect(values.intensityDifference).toEqual({ value: 0, unit: '1' })
})

test('a temperature needs a thermogram and the scale of both', () => {
  const thermal = { modality: 'TG', view: 'frontal' } as const
  expect(onlyPair([summary('L', thermal), summary('R', thermal)]).values.temperatureDifference).toEqual(NO_CELSIUS)
  expect(onlyPair([summary('L'), summary('R')]).values.temperatureDifference).toEqual(absent('not-for-this-modality'))
})

test('only images of one view, modality and energy are laid against each other', () => {
  expect(compareSides([summary('L'), summary('R', { view: 'MLO' })])).toEqual(absent('no-mirrored-view'))
  expect(compareSides([summary('L', { energy: 'subtracted' }), summary('R', { energy: 'low-energy' })])).toEqual(
    absent('no-mirrored-view'),
  )
})

test('two images of one view on a side are not laid against one of the other: nobody knows which belong together', () => {
  expect(compareSides([summary('L'), summary('L', { id: 'L-CC-2' }), summary('R')])).toEqual(absent('no-mirrored-view'))
})

test('ultrasound is never laid against the other side', () => {
  const us = { modality: 'US', view: 'CC' } as const
  expect(compareSides([summary('L', us), summary('R', us)])).toEqual(absent('no-mirrored-view'))
})

test('with one side there is nothing to compare', () => {
  expect(compareSides([summary('L')])).toEqual(absent('other-side-not-imaged'))
  expect(compareSides([])).toEqual(absent('other-side-not-imaged'))
})

test('without spacing the breast areas are not compared, the shares are', () => {
  const extent = { areaPx: 1000, markedPx: 50, areaMm2: absent('no-pixel-spacing'), meanGrey: 0.5 }
  const breast = whole(extent, { map: FLAT, celsius: NO_CELSIUS })
  const bare = { breast: { ...breast, exposed: { ...extent, areaPx: 400, markedPx: 0 } }, marked: { count: 0 } }
  const { values } = onlyPair([summary('L', { breast }), summary('R', bare)])
  expect(values.breastAreaAsymmetry).toEqual(absent('no-pixel-spacing'))
  expect(values.markedFractionDifference).toEqual({ value: 5, unit: '%' })
  expect(values.markedCountDifference).toEqual({ value: 1, unit: '1' })
})
