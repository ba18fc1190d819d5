import { expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { TestView } from '#core/test-view.ts'
import { laidBack, shownIn } from './test-views.ts'

const SIDE = 64
/** A smooth spot off the middle. */
const spot = GreyImage.from(
  Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    Math.exp(-(((i % SIDE) - 40) ** 2 + (Math.floor(i / SIDE) - 20) ** 2) / 300),
  ),
  { width: SIDE, height: SIDE },
)

test.each(TestView.options)('what the %s view shows lies, laid back, where it was', (view) => {
  const back = laidBack(view, shownIn(view, spot))
  expect(largestInside(back, spot)).toBeLessThan(0.015)
})

test('views of another size than the image, as masks are, are laid back alike', () => {
  const half = GreyImage.from(
    Float32Array.from({ length: 32 * 32 }, (_, i) =>
      Math.exp(-((2 * (i % 32) + 0.5 - 40) ** 2 + (2 * Math.floor(i / 32) + 0.5 - 20) ** 2) / 300),
    ),
    { width: 32, height: 32 },
  )
  for (const view of TestView.options) {
    const seen = shownIn(view, spot)
    const small = Float32Array.from({ length: 32 * 32 }, (_, i) => {
      const at = 2 * Math.floor(i / 32) * SIDE + 2 * (i % 32)
      return (seen.data[at]! + seen.data[at + 1]! + seen.data[at + SIDE]! + seen.data[at + SIDE + 1]!) / 4
    })
    const back = laidBack(view, GreyImage.from(small, { width: 32, height: 32 }))
    expect(largestInside(back, half)).toBeLessThan(0.015)
  }
})

/** The largest difference off the border, where a smaller view mixes the image with the black about it. */
function largestInside(a: GreyImage, b: GreyImage): number {
  const margin = 4
  const inside = (at: number, length: number) => at >= margin && at < length - margin
  const differences = [...a.data.keys()]
    .filter((i) => inside(i % a.width, a.width) && inside(Math.floor(i / a.width), a.height))
    .map((i) => Math.abs(a.data[i]! - b.data[i]!))
  return Math.max(...differences)
}

test('mirrored and smaller do what they say', () => {
  const brightest = (image: GreyImage) => {
    const at = image.data.indexOf(Math.max(...image.data))
    return [at % SIDE, Math.floor(at / SIDE)]
  }
  expect(brightest(shownIn('mirrored', spot))).toEqual([23, 20])
  const [x, y] = brightest(shownIn('smaller', spot))
  expect(Math.abs(x! - (31.5 + 0.8 * 8.5))).toBeLessThan(1)
  expect(Math.abs(y! - (31.5 - 0.8 * 11.5))).toBeLessThan(1)
})
