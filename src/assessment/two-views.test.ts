import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { ImageReport } from '#core/report.ts'
import { hourOf, withBothViews } from './two-views.ts'

const offset = fc.double({ min: -100, max: 100, noNaN: true })

test('the other side turns clock h into 12 - h, and 12 stays', () => {
  fc.assert(
    fc.property(offset, offset, (lateral, superior) => {
      fc.pre(Math.hypot(lateral, superior) > 1e-6)
      const [right, left] = [Number(hourOf(lateral, superior, 'R')), Number(hourOf(lateral, superior, 'L'))]
      expect(left).toBe(right === 12 ? 12 : 12 - right)
    }),
  )
})

test('lateral is toward 9 on the right and toward 3 on the left; above is 12, below is 6 on both', () => {
  expect([hourOf(30, 0, 'R'), hourOf(30, 0, 'L')]).toEqual(['9', '3'])
  expect([hourOf(0, 30, 'R'), hourOf(0, 30, 'L'), hourOf(0, -30, 'R'), hourOf(0, -30, 'L')]).toEqual([
    '12',
    '12',
    '6',
    '6',
  ])
  expect([hourOf(30, 17.3, 'R'), hourOf(30, 17.3, 'L')]).toEqual(['10', '2'])
})

/** One lesion on either view of a left breast, 20 mm from the nipple, by the words of its own image. */
function quadrantBy(
  cc: { mediolateral: string; depthThird: string | Absent },
  mlo: { superoinferior: string; depthThird: string | Absent },
) {
  const nippleDistanceMm = { value: 20, unit: 'mm' }
  const word = (told: string | Absent) => (typeof told === 'string' ? { word: told } : told)
  const clockPosition = absent('one-view-only')
  const offsets = {
    clockPosition,
    lateralOffsetMm: { value: 1, unit: 'mm' },
    superiorOffsetMm: { value: 1, unit: 'mm' },
  }
  const image = (view: 'CC' | 'MLO', told: object) => ({
    ...{ status: 'read', modality: 'MG', side: 'L', view },
    marking: { lesions: [{ features: { location: { nippleDistanceMm, ...offsets, ...told } } }] },
  })
  const images = [
    image('CC', { mediolateral: word(cc.mediolateral), depthThird: word(cc.depthThird) }),
    image('MLO', { superoinferior: word(mlo.superoinferior), depthThird: word(mlo.depthThird) }),
  ] as unknown as ImageReport[]
  return withBothViews(images).map((told) =>
    told.status === 'read' && !isAbsent(told.marking) ? told.marking.lesions[0]!.features.location.quadrant : undefined,
  )
}

test('a lesion behind the nipple is subareolar where both views show it in the anterior third, and not told where one has no depth', () => {
  const at = (cc: string | Absent, mlo: string | Absent) =>
    quadrantBy({ mediolateral: 'central', depthThird: cc }, { superoinferior: 'central', depthThird: mlo })
  const both = <T>(value: T) => [value, value]
  expect(at('anterior', 'anterior')).toEqual(both({ word: 'subareolar' }))
  expect(at('anterior', 'middle')).toEqual(both({ word: 'central' }))
  const noDepth = absent('not-on-subtracted-image')
  expect(at('anterior', noDepth)).toEqual(both(noDepth))
  expect(at(noDepth, 'posterior')).toEqual(both(noDepth))
  expect(
    quadrantBy({ mediolateral: 'lateral', depthThird: noDepth }, { superoinferior: 'superior', depthThird: noDepth }),
  ).toEqual(both({ word: 'upper-outer' }))
  expect(
    quadrantBy({ mediolateral: 'central', depthThird: 'middle' }, { superoinferior: 'superior', depthThird: 'middle' }),
  ).toEqual(both(absent('between-quadrants')))
})
