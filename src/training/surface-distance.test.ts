import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { meanSurfaceDistancePx } from './surface-distance.ts'

const size = { width: 13, height: 9 }
const masks = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: 117, maxLength: 117 })
  .map((cells) => Mask.from(Uint8Array.from(cells), size))

function slowly(a: Mask, b: Mask): number | null {
  const borderOf = ({ data }: Mask) => {
    const at = (x: number, y: number) => (x < 0 || y < 0 || x > 12 || y > 8 ? 0 : data[y * 13 + x]!)
    return [...data.keys()]
      .map((i) => ({ x: i % 13, y: Math.floor(i / 13) }))
      .filter(({ x, y }) => at(x, y) === 1 && at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) < 4)
  }
  const [p, q] = [borderOf(a), borderOf(b)]
  if (p.length === 0 || q.length === 0) return null
  const nearest = (of: typeof p, to: typeof p) =>
    of.map(({ x, y }) => Math.min(...to.map((other) => Math.hypot(other.x - x, other.y - y))))
  const all = [...nearest(p, q), ...nearest(q, p)]
  return all.reduce((sum, value) => sum + value, 0) / all.length
}

test('is the same as by comparing every border pixel with every other', () => {
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      const [fast, slow] = [meanSurfaceDistancePx(a, b), slowly(a, b)]
      if (slow === null) expect(fast).toBeNull()
      else expect(fast).toBeCloseTo(slow, 10)
    }),
  )
})

test('of two discs around one centre is the difference of their radii', () => {
  const disc = (radius: number) => {
    const data = Uint8Array.from({ length: 201 * 201 }, (_, i) =>
      Math.hypot((i % 201) - 100, Math.floor(i / 201) - 100) <= radius ? 1 : 0,
    )
    return Mask.from(data, { width: 201, height: 201 })
  }
  expect(meanSurfaceDistancePx(disc(60), disc(80))).toBeCloseTo(20, 0)
  expect(meanSurfaceDistancePx(disc(60), disc(60))).toBe(0)
})
