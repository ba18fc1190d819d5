import { expect, test } from 'vitest'
import { Mask } from '#core/mask.ts'
import { components } from './components.ts'
import { meanBandWidth } from './perimeter.ts'

/** Pixels of 0.2 x 0.1 mm whose centre lies between two circles around the middle of 30 x 30 mm. */
function ring(innerMm: number, outerMm: number): Mask {
  const size = { width: 150, height: 300 }
  const data = new Uint8Array(size.width * size.height)
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [((i % 150) + 0.5) * 0.2 - 15, (Math.floor(i / 150) + 0.5) * 0.1 - 15]
    const r = Math.hypot(x, y)
    data[i] = r >= innerMm && r < outerMm ? 1 : 0
  }
  return Mask.from(data, size)
}

test('the band between two circles around a third is as wide as their radii differ, in millimetres', () => {
  for (const width of [0.5, 1, 3]) {
    const area = ring(8 - width / 2, 8 + width / 2).areaPx
    const [disc] = components(ring(0, 8))
    expect(meanBandWidth(area, disc!, { x: 0.2, y: 0.1 }) / width).toBeCloseTo(1, 1)
  }
})

test('no band has no width', () => {
  expect(meanBandWidth(0, components(ring(0, 8))[0]!, { x: 1, y: 1 })).toBe(0)
})
