import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Point } from '#core/geometry.ts'
import { Mask } from '#core/mask.ts'
import { components, contours } from './components.ts'

/** Masks from sparse dots to nearly full, where regions touch by corners and enclose each other. */
const masks = fc
  .record({
    width: fc.integer({ min: 1, max: 14 }),
    height: fc.integer({ min: 1, max: 14 }),
    share: fc.integer({ min: 1, max: 9 }),
  })
  .chain(({ width, height, share }) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: width * height, maxLength: width * height }).map((values) =>
      Mask.from(
        Uint8Array.from(values, (value) => Number(value < share)),
        { width, height },
      ),
    ),
  )

describe('components', () => {
  test('partition the mask: every foreground pixel is in exactly one, largest first', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const found = components(mask)
        const sum = new Uint8Array(mask.data.length)
        for (const { mask: region, contains } of found) {
          for (const [i, value] of region.data.entries()) {
            sum[i]! += value
            expect(contains(i % mask.width, Math.floor(i / mask.width))).toBe(value === 1)
          }
        }
        expect(sum).toEqual(mask.data)
        const areas = found.map((component) => component.areaPx)
        expect(areas).toEqual([...areas].sort((a, b) => b - a))
        expect(areas).toEqual(found.map((component) => component.mask.areaPx))
      }),
    )
  })
  test('are connected, and no two of them touch', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const found = components(mask)
        for (const one of found) expect(components(one.mask)).toHaveLength(1)
        for (const [i, one] of found.entries()) {
          const other = found[i + 1]
          if (other === undefined) continue
          const both = Mask.from(
            one.mask.data.map((value, k) => value | other.mask.data[k]!),
            mask,
          )
          expect(components(both)).toHaveLength(2)
        }
      }),
    )
  })
  test('bounds and centroid are those of the pixels', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        for (const { mask: region, boundsPx, centroidPx, areaPx } of components(mask)) {
          const pixels = [...region.data.keys()].filter((i) => region.data[i] === 1)
          const xs = pixels.map((i) => i % mask.width)
          const ys = pixels.map((i) => Math.floor(i / mask.width))
          const [left, top] = [Math.min(...xs), Math.min(...ys)]
          expect(boundsPx).toEqual({ left, top, width: Math.max(...xs) - left + 1, height: Math.max(...ys) - top + 1 })
          expect(centroidPx.x).toBeCloseTo(xs.reduce((a, b) => a + b) / areaPx, 9)
          expect(centroidPx.y).toBeCloseTo(ys.reduce((a, b) => a + b) / areaPx, 9)
        }
      }),
    )
  })
  test('a full mask of a large image is one component, an empty one has none', () => {
    const size = { width: 1000, height: 800 }
    const [whole, ...others] = components(Mask.from(new Uint8Array(800_000).fill(1), size))
    expect(whole).toMatchObject({ areaPx: 800_000, centroidPx: { x: 499.5, y: 399.5 } })
    expect(others).toEqual([])
    expect(components(Mask.empty(size))).toEqual([])
  })
})

describe('contours', () => {
  test('enclose each component, with its holes filled, to the pixel', () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const outlines = contours(mask)
        const found = components(mask)
        expect(outlines).toHaveLength(found.length)
        for (const [i, { mask: region }] of found.entries()) {
          const outline = outlines[i]!
          const filled = Mask.from(
            region.data.map((_, k) => Number(encloses(outline, k % mask.width, Math.floor(k / mask.width)))),
            mask,
          )
          expect(signedArea(outline)).toBe(filled.areaPx)
          expect(region.data.every((value, k) => value <= filled.data[k]!)).toBe(true)
          // What is inside but no part of the region is a hole: it has no way out between 4-neighbours.
          filled.data.forEach((value, k) => {
            if (value === 1 && region.data[k] === 0) expect(neighbours(filled, k).every((n) => n === 1)).toBe(true)
          })
        }
      }),
      { numRuns: 300 },
    )
  })
  test('of a single pixel are its four corners, clockwise on screen', () => {
    const [corners] = contours(Mask.from(Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), { width: 3, height: 3 }))
    expect(corners).toEqual([
      { x: 1.5, y: 0.5 },
      { x: 1.5, y: 1.5 },
      { x: 0.5, y: 1.5 },
      { x: 0.5, y: 0.5 },
    ])
  })
})

/** Shoelace; positive for clockwise on screen (y down). */
function signedArea(outline: readonly Point[]): number {
  return outline.reduce((sum, a, i) => {
    const b = outline[(i + 1) % outline.length]!
    return sum + (a.x * b.y - b.x * a.y) / 2
  }, 0)
}

/** Non-zero winding of the outline around a pixel centre. */
function encloses(outline: readonly Point[], x: number, y: number): boolean {
  let winding = 0
  for (const [i, a] of outline.entries()) {
    const b = outline[(i + 1) % outline.length]!
    if (a.x > x && a.y < y && b.y > y) winding++
    if (a.x > x && b.y < y && a.y > y) winding--
  }
  return winding !== 0
}

function neighbours(mask: Mask, pixel: number): (number | undefined)[] {
  const x = pixel % mask.width
  return [
    x > 0 ? mask.data[pixel - 1] : 0,
    x < mask.width - 1 ? mask.data[pixel + 1] : 0,
    mask.data[pixel - mask.width] ?? 0,
    mask.data[pixel + mask.width] ?? 0,
  ]
}
