import { expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { nippleNear } from './nipple-blob.ts'

const [WIDTH, HEIGHT, BREAST] = [240, 200, 180]
const skin = (x: number, y: number) => 0.6 + 0.1 * Math.sin(x / 60) + 0.08 * Math.cos((y + x) / 70)

/** Made-up smooth skin; with a disc of a nipple's size, 3.5 % of the breast's width in radius, that differs by `step`. */
function field(step: number, disc = { x: 0, y: 0 }): GreyImage {
  const data = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    return skin(x, y) + (Math.hypot(x - disc.x, y - disc.y) <= 0.035 * BREAST ? step : 0)
  })
  return GreyImage.from(data, { width: WIDTH, height: HEIGHT })
}

const place = { x: 118.3, y: 96.6 }

test.each([
  [0, 0],
  [6, -5],
  [-9, 4],
])('a dark disc %d, %d pixels from the proposal is found within a pixel', (dx, dy) => {
  const disc = { x: Math.round(place.x) + dx, y: Math.round(place.y) + dy }
  const found = nippleNear(field(-0.1, disc), place, BREAST)
  expect(Math.hypot(found.x - disc.x, found.y - disc.y)).toBeLessThanOrEqual(1)
})

test('where nothing stands out the place stays as it is', () => {
  expect(nippleNear(field(0), place, BREAST)).toEqual(place)
})

test('a dark disc beyond the reach is left alone', () => {
  expect(nippleNear(field(-0.1, { x: 168, y: 97 }), place, BREAST)).toEqual(place)
})

test('a box without a width leaves the place', () => {
  for (const width of [0, -30, Number.NaN]) expect(nippleNear(field(-0.1, place), place, width)).toEqual(place)
})
