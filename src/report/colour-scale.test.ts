import { describe, expect, test } from 'vitest'
import { colourAt, DIVERGING, SEQUENTIAL } from './colour-scale.ts'

/** Relative luminance of sRGB. Source: WCAG 2.2. */
function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const SHARES = Array.from({ length: 21 }, (_, i) => i / 20)

describe('colour scales', () => {
  test('begin and end with their own ends, also for what lies beyond', () => {
    for (const scale of [DIVERGING, SEQUENTIAL]) {
      expect([colourAt(scale, -1), colourAt(scale, 0)]).toEqual([scale[0], scale[0]])
      expect([colourAt(scale, 1), colourAt(scale, 2)]).toEqual([scale.at(-1), scale.at(-1)])
    }
  })

  test('the sequential one grows lighter all the way, the diverging one towards its middle: both tell without hue', () => {
    const rises = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!)
    expect(rises(SHARES.map((share) => luminance(colourAt(SEQUENTIAL, share))))).toBe(true)
    const diverging = SHARES.map((share) => luminance(colourAt(DIVERGING, share)))
    expect(rises(diverging.slice(0, 11))).toBe(true)
    expect(rises(diverging.slice(10).reverse())).toBe(true)
  })
})
