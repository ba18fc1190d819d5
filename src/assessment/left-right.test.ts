import fc from 'fast-check'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { COMPARISON_NAMES } from '#core/features.ts'
import type { Side } from '#core/modality.ts'
import { compareSides, type ImageSummary } from './left-right.ts'

function summary(side: Side, over: Partial<ImageSummary> = {}): ImageSummary {
  return {
    id: `${side}-CC`,
    side,
    modality: 'MG',
    view: 'CC',
    breast: { areaPx: 1000, areaMm2: 500, meanGrey: 0.4 },
    marked: { count: 1, areaPx: 50 },
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
    })
    .map(({ areaPx, areaMm2, meanGrey, count, share }) =>
      summary(side, { breast: { areaPx, areaMm2, meanGrey }, marked: { count, areaPx: areaPx * share } }),
    )

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
  const breast = { areaPx: 1000, areaMm2: absent('no-pixel-spacing'), meanGrey: 0.5 }
  const { values } = onlyPair([summary('L', { breast }), summary('R', { marked: { count: 0, areaPx: 0 } })])
  expect(values.breastAreaAsymmetry).toEqual(absent('no-pixel-spacing'))
  expect(values.markedFractionDifference).toEqual({ value: 5, unit: '%' })
  expect(values.markedCountDifference).toEqual({ value: 1, unit: '1' })
})
