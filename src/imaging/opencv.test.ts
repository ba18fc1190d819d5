/** OpenCV as the oracle. It is not used at run time: see docs/adr on image operations. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import { CLAHE_CLIP_LIMIT, CLAHE_TILES, clahe } from './clahe.ts'
import { components } from './components.ts'
import { median3 } from './denoise.ts'

// The module is a promise of itself, which `import` cannot take.
const cv: typeof import('@techstark/opencv-js') = await createRequire(import.meta.url)('@techstark/opencv-js')

/** Sizes of which CLAHE's tiles divide both sides or neither: where they divide one, OpenCV pads the other's too. */
const SIZES = [
  { width: 304, height: 200 },
  { width: 301, height: 203 },
  { width: 1001, height: 803 },
]

function scene(width: number, height: number): Uint8Array {
  const random = seededRandom(7)
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return Math.max(0, Math.min(255, 90 + 60 * Math.sin(x / 40) * Math.cos(y / 30) + 20 * random.normal()))
  })
}

function grey(levels: Uint8Array, size: { width: number; height: number }): GreyImage {
  return GreyImage.from(
    Float32Array.from(levels, (level) => level / 255),
    size,
  )
}

describe.each(SIZES)('at $width x $height', (size) => {
  const levels = scene(size.width, size.height)
  const source = cv.matFromArray(size.height, size.width, cv.CV_8UC1, [...levels])

  test('CLAHE is the same to rounding to 8 bits', () => {
    const theirs = new cv.Mat()
    new cv.CLAHE(CLAHE_CLIP_LIMIT, new cv.Size(CLAHE_TILES, CLAHE_TILES)).apply(source, theirs)
    const ours = clahe(grey(levels, size))
    const worst = ours.data.reduce((max, value, i) => Math.max(max, Math.abs(value * 255 - (theirs.data[i] ?? 0))), 0)
    expect(worst).toBeLessThanOrEqual(1.01)
  })
  test('the 3x3 median is the same pixel for pixel', () => {
    const theirs = new cv.Mat()
    cv.medianBlur(source, theirs, 3)
    const ours = Uint8Array.from(median3(grey(levels, size)).data, (value) => Math.round(value * 255))
    expect(Buffer.compare(ours, theirs.data)).toBe(0)
  })
  test('the 8-connected components have the same areas and bounds', () => {
    const mask = Mask.from(
      levels.map((level) => Number(level > 140)),
      size,
    )
    const theirs = cv.matFromArray(size.height, size.width, cv.CV_8UC1, [...mask.data])
    const [labels, stats, centroids] = [new cv.Mat(), new cv.Mat(), new cv.Mat()]
    const count = cv.connectedComponentsWithStats(theirs, labels, stats, centroids, 8, cv.CV_32S)
    const rows = Array.from({ length: count - 1 }, (_, i) => [...stats.data32S.subarray(5 * (i + 1), 5 * (i + 2))])
    const ours = components(mask).map(({ boundsPx: b, areaPx }) => [b.left, b.top, b.width, b.height, areaPx])
    expect(ours.map(String).sort()).toEqual(rows.map(String).sort())
  })
})
