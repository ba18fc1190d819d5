import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { breastRegion } from './breast-region.ts'
import { decodeImage } from './decode.ts'
import { toGrey } from './grey.ts'
import { nippleOnMammogram } from './mammogram-nipple.ts'
import { CESM_IMAGES, CESM_MARKS_FILE, cesmMarks } from './test-mammogram-marks.ts'

const SIZE = { width: 400, height: 500 }
const isBreast = (x: number, y: number) => x >= 10 && ((x - 10) / 300) ** 2 + ((y - 250) / 220) ** 2 <= 1
const isNipple = (x: number, y: number) => Math.hypot(x - 296, y - 320) <= 13

function draw(level: (x: number, y: number) => number) {
  const data = Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
    level(i % SIZE.width, Math.floor(i / SIZE.width)),
  )
  return GreyImage.from(data, SIZE)
}

function found(level: (x: number, y: number) => number, view: 'CC' | 'MLO' = 'CC') {
  const image = draw(level)
  const nipple = nippleOnMammogram(image, breastRegion(image, 'MG'), view)
  if (isAbsent(nipple)) throw new Error(nipple.absent)
  return nipple
}

const mammogram = (x: number, y: number) => (isNipple(x, y) ? 0.6 : isBreast(x, y) ? 0.4 : 0)

test('a nipple in profile is found at its tip, on both views', () => {
  for (const view of ['CC', 'MLO'] as const) {
    const { point, confidence } = found(mammogram, view)
    expect(Math.hypot(point.x - 306, point.y - 324)).toBeLessThan(12)
    expect(confidence).toBeGreaterThan(0.5)
  }
})

test('in a mirror it is found in the mirror', () => {
  const plain = found(mammogram).point
  const { point } = found((x, y) => mammogram(SIZE.width - 1 - x, y))
  expect(Math.hypot(SIZE.width - 1 - point.x - plain.x, point.y - plain.y)).toBeLessThan(4)
})

test('a breast that is twice as large has it at the same place of the breast', () => {
  const plain = found(mammogram).point
  const size = { width: 2 * SIZE.width, height: 2 * SIZE.height }
  const data = Float32Array.from({ length: size.width * size.height }, (_, i) =>
    mammogram(((i % size.width) - 0.5) / 2, (Math.floor(i / size.width) - 0.5) / 2),
  )
  const large = GreyImage.from(data, size)
  const nipple = nippleOnMammogram(large, breastRegion(large, 'MG'), 'CC')
  if (isAbsent(nipple)) throw new Error(nipple.absent)
  expect(Math.hypot(nipple.point.x / 2 - plain.x, nipple.point.y / 2 - plain.y)).toBeLessThan(4)
})

test('where nothing bulges nothing stands out, and the foremost place of a CC view is named', () => {
  const { point, confidence } = found((x, y) => (isBreast(x, y) ? 0.4 : 0))
  expect(Math.abs(point.y - 250)).toBeLessThan(40)
  expect(confidence).toBeLessThan(found(mammogram).confidence)
})

/** The front of a breast as far forward of the wall as said, in one row. */
const frontAt = (y: number, forward: number) => 10 + forward * Math.sqrt(1 - ((y - 250) / 220) ** 2)

describe('two places that bulge alike', () => {
  const disc = (y: number, further: number) => (x: number, row: number) =>
    Math.hypot(x - frontAt(y, 300) + 4 - further, row - y) <= 12
  /** As far from the middle, the upper one four pixels further forward. */
  const [upper, lower] = [disc(190, 4), disc(310, 0)]
  const isIn = (x: number, y: number) => upper(x, y) || lower(x, y) || isBreast(x, y)

  test('on a CC view the foremost is named, on an MLO view, where the breast hangs, the lower one', () => {
    const alike = (x: number, y: number) => (isIn(x, y) ? 0.4 : 0)
    expect(Math.abs(found(alike, 'CC').point.y - 190)).toBeLessThan(15)
    expect(Math.abs(found(alike, 'MLO').point.y - 310)).toBeLessThan(15)
  })

  test('that which is bright below the skin is named, though the other lies further forward', () => {
    const isBelow = (x: number, y: number) => Math.abs(y - 310) < 12 && x > frontAt(310, 300) - 24
    const bright = (x: number, y: number) => (!isIn(x, y) ? 0 : isBelow(x, y) ? 0.7 : 0.4)
    expect(Math.abs(found(bright, 'CC').point.y - 310)).toBeLessThan(15)
  })
})

test.each([
  ['CC', 300, 45],
  ['MLO', 330, 30],
] as const)('a tag of skin that sticks out farther than a nipple is none (%s)', (view, at, length) => {
  const forward = 160
  const isFlat = (x: number, y: number) => Math.abs(y - 250) < 220 && x >= 10 && x <= frontAt(y, forward)
  const isTip = (x: number, y: number) => Math.hypot(x - frontAt(250, forward) + 4, y - 250) <= 12
  // twelve pixels wide, upright on the outline
  const foot = { x: frontAt(at, forward), y: at }
  const steep = Math.atan2((at - 250) / 220 ** 2, (foot.x - 10) / forward ** 2)
  const isTag = (x: number, y: number) => {
    const [dx, dy] = [x - foot.x, y - foot.y]
    const out = dx * Math.cos(steep) + dy * Math.sin(steep)
    return out > -10 && out < length && Math.abs(dy * Math.cos(steep) - dx * Math.sin(steep)) <= 6
  }
  const { point } = found((x, y) => (isTip(x, y) ? 0.6 : isTag(x, y) || isFlat(x, y) ? 0.4 : 0), view)
  expect(Math.hypot(point.x - frontAt(250, forward) - 8, point.y - 250)).toBeLessThan(12)
})

test('without a breast or its chest wall there is none', () => {
  const empty = draw(() => 0)
  expect(nippleOnMammogram(empty, Mask.empty(SIZE), 'CC')).toEqual(absent('breast-region-not-found'))
  const disc = draw((x, y) => Number(Math.hypot(x - 200, y - 250) < 150))
  expect(nippleOnMammogram(disc, breastRegion(disc, 'MG'), 'CC')).toEqual(absent('chest-wall-not-found'))
})

test.skipIf(!existsSync(CESM_IMAGES))(
  'on marked mammograms (CESM, the parts kept to judge by) half lie within 7% of the breast width of the mark',
  { timeout: 120_000 },
  async () => {
    const errors: number[] = []
    for (const { image: name, part, view, nipplePx } of cesmMarks(readFileSync(CESM_MARKS_FILE, 'utf8'))) {
      if (part === 'develop' || nipplePx === undefined) continue
      const image = toGrey(await decodeImage(readFileSync(join(CESM_IMAGES, `${name}.jpg`)), name))
      const breast = breastRegion(image, 'MG')
      const columns = Array.from(breast.data, (value, i) => (value === 1 ? i % breast.width : -1)).filter((x) => x >= 0)
      const width = columns.reduce((a, b) => Math.max(a, b), 0) - columns.reduce((a, b) => Math.min(a, b), breast.width)
      const nipple = nippleOnMammogram(image, breast, view as 'CC' | 'MLO')
      const error = isAbsent(nipple)
        ? Number.POSITIVE_INFINITY
        : Math.hypot(nipple.point.x - nipplePx.x, nipple.point.y - nipplePx.y) / width
      errors.push(error)
    }
    errors.sort((a, b) => a - b)
    expect(errors).toHaveLength(29)
    expect(errors[14]).toBeLessThan(0.07)
  },
)
