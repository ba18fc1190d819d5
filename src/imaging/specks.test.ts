import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { components } from './components.ts'
import { withoutSpecks } from './specks.ts'

/** Any mask of up to 12x12 pixels. */
const masks = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain((size) =>
    fc
      .array(fc.constantFrom(0, 0, 1), { minLength: size.width * size.height, maxLength: size.width * size.height })
      .map((pixels) => Mask.from(Uint8Array.from(pixels), size)),
  )

test('what stays are exactly the regions that are large enough, and the largest', () => {
  fc.assert(
    fc.property(masks, fc.integer({ min: 0, max: 20 }), (mask, minAreaPx) => {
      const before = components(mask)
      const after = components(withoutSpecks(mask, minAreaPx))
      const expected = before.filter(({ areaPx }, i) => i === 0 || areaPx >= minAreaPx)
      expect(after.map(({ areaPx, firstPx }) => ({ areaPx, firstPx }))).toEqual(
        expected.map(({ areaPx, firstPx }) => ({ areaPx, firstPx })),
      )
    }),
  )
})

test('the mask that came in is not changed', () => {
  const mask = Mask.from(Uint8Array.from([1, 1, 0, 0, 1]), { width: 5, height: 1 })
  expect(withoutSpecks(mask, 2).areaPx).toBe(2)
  expect(mask.areaPx).toBe(3)
})
