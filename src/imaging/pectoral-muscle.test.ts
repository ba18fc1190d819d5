import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { breastRegion } from './breast-region.ts'
import { decodeImage } from './decode.ts'
import { toGrey } from './grey.ts'
import { pectoralMuscle } from './pectoral-muscle.ts'
import { CESM_IMAGES, CESM_MARKS_FILE, cesmMarks } from './test-mammogram-marks.ts'

const SIZE = { width: 400, height: 500 }
/** Half an ellipse hanging at the left, a muscle before the corner: from 170 pixels along the top to 260 down the wall. */
const isBreast = (x: number, y: number) => x >= 20 && ((x - 20) / 320) ** 2 + ((y - 250) / 260) ** 2 <= 1
const isMuscle = (x: number, y: number) => isBreast(x, y) && (x - 20) / 170 + y / 260 < 1
const noise = (x: number, y: number) => 0.06 * Math.sin(12.9 * x + 78.2 * y) * Math.sin(3.1 * x - 5.3 * y)
const tissue = (x: number, y: number) => (isBreast(x, y) ? 0.4 + noise(x, y) : 0)
const oblique = (x: number, y: number) => (isMuscle(x, y) ? 0.75 + noise(x, y) : tissue(x, y))
const mirrored = (level: (x: number, y: number) => number) => (x: number, y: number) => level(SIZE.width - 1 - x, y)

function draw(level: (x: number, y: number) => number) {
  const data = Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
    level(i % SIZE.width, Math.floor(i / SIZE.width)),
  )
  return GreyImage.from(data, SIZE)
}

function found(level: (x: number, y: number) => number) {
  const image = draw(level)
  const breast = breastRegion(image, 'MG')
  return { breast, muscle: pectoralMuscle(image, breast) }
}

function dice(a: Uint8Array, b: Uint8Array): number {
  let [shared, total] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    shared += a[i]! & b[i]!
    total += a[i]! + b[i]!
  }
  return (2 * shared) / total
}

const maskOf = (isInside: (x: number, y: number) => boolean) =>
  Uint8Array.from(draw((x, y) => Number(isInside(x, y))).data)

test('the edge of a brighter triangle before the upper corner at the chest wall is found where it lies', () => {
  const { muscle } = found(oblique)
  if (isAbsent(muscle)) throw new Error(muscle.absent)
  expect(dice(muscle.mask.data, maskOf(isMuscle))).toBeGreaterThan(0.97)
  const [upper, lower] = muscle.edgePx
  expect(Math.abs((upper.x - 20) / 170 + upper.y / 260 - 1)).toBeLessThan(0.05)
  expect(Math.abs(lower.x - 20)).toBeLessThan(4)
  expect(Math.abs(lower.y - 260)).toBeLessThan(12)
})

test('a breast in a mirror has its muscle in a mirror', () => {
  const { muscle } = found(mirrored(oblique))
  if (isAbsent(muscle)) throw new Error(muscle.absent)
  const truth = maskOf((x, y) => isMuscle(SIZE.width - 1 - x, y))
  expect(dice(muscle.mask.data, truth)).toBeGreaterThan(0.97)
})

test('a strictly increasing map of grey leaves the edge where it is', () => {
  const plain = found(oblique)
  if (isAbsent(plain.muscle)) throw new Error(plain.muscle.absent)
  const curved = draw((x, y) => oblique(x, y) ** 2)
  const onSameBreast = pectoralMuscle(curved, plain.breast)
  if (isAbsent(onSameBreast)) throw new Error(onSameBreast.absent)
  expect(dice(onSameBreast.mask.data, plain.muscle.mask.data)).toBeGreaterThan(0.98)
})

test('an edge that would meet the chest wall below the picture ends where the breast does', () => {
  const long = draw((x, y) => (isBreast(x, y) ? ((x - 20) / 170 + y / 530 < 1 ? 0.75 : 0.4) + noise(x, y) : 0))
  const muscle = pectoralMuscle(long, Mask.from(maskOf(isBreast), SIZE))
  if (isAbsent(muscle)) throw new Error(muscle.absent)
  const { x, y } = muscle.edgePx[1]
  // a working pixel is 1.3 of the picture
  expect(Math.abs(y - (SIZE.height - 1))).toBeLessThan(1.3)
  expect(y).toBeLessThanOrEqual(SIZE.height - 1)
  expect(Math.abs((x - 20) / 170 + y / 530 - 1)).toBeLessThan(0.05)
})

/** Every pixel as often as said each way. */
function repeated<T extends Float32Array | Uint8Array>(data: T, width: number, times: number): T {
  const out = new (data.constructor as new (length: number) => T)(data.length * times ** 2)
  for (let i = 0; i < out.length; i++) {
    const [x, y] = [i % (width * times), Math.floor(i / (width * times))]
    out[i] = data[Math.floor(y / times) * width + Math.floor(x / times)]!
  }
  return out
}

test('pixels cut into four or nine leave the edge where it is: at the middle of the same rows, and on the chest wall', () => {
  const [width, height] = [300, 384]
  const on = (level: (x: number, y: number) => number) =>
    Float32Array.from({ length: width * height }, (_, i) =>
      level(SIZE.width - 1 - (i % width) * (4 / 3), Math.floor(i / width) * 1.3),
    )
  const grey = on(oblique)
  const inside = Uint8Array.from(on((x, y) => Number(isBreast(x, y))))
  const wallPx = (times: number) => times * Math.ceil((SIZE.width - 20) / (4 / 3)) - 1
  const edge = (times: number) => {
    const size = { width: times * width, height: times * height }
    const breast = Mask.from(repeated(inside, width, times), size)
    const muscle = pectoralMuscle(GreyImage.from(repeated(grey, width, times), size), breast)
    if (isAbsent(muscle)) throw new Error(muscle.absent)
    return muscle.edgePx
  }
  const [upper] = edge(1)
  for (const times of [1, 2, 3]) {
    const [finer, lower] = edge(times)
    expect(finer.y).toBeCloseTo((upper.y + 0.5) * times - 0.5, 6)
    // the chest wall, being the outermost pixel, lies not quite at one place of the coarser one
    expect(Math.abs(finer.x - ((upper.x + 0.5) * times - 0.5))).toBeLessThan(0.5 * times)
    expect(lower.x).toBeCloseTo(wallPx(times), 6)
  }
})

test('a narrow picture, whose sides are not reduced quite alike, has the edge end on its chest wall, or in its last rows', () => {
  const size = { width: 503, height: 2000 }
  const WORKING_PX = 2000 / 384
  const inside = (x: number, y: number) => ((502 - x) / 470) ** 2 + ((y - 1000) / 1010) ** 2 <= 1
  const over = (of: (x: number, y: number) => number) =>
    Float32Array.from({ length: size.width * size.height }, (_, i) => of(i % size.width, Math.floor(i / size.width)))
  const breast = Mask.from(Uint8Array.from(over((x, y) => Number(inside(x, y)))), size)
  const lowerEnd = (down: number) => {
    const grey = over((x, y) => (inside(x, y) ? ((502 - x) / 300 + y / down < 1 ? 0.75 : 0.4) + noise(x, y) : 0))
    const muscle = pectoralMuscle(GreyImage.from(grey, size), breast)
    if (isAbsent(muscle)) throw new Error(muscle.absent)
    const [upper, lower] = muscle.edgePx
    const middle = { x: (upper.x + lower.x) / 2, y: (upper.y + lower.y) / 2 }
    expect(Math.abs(502 - 300 * (1 - middle.y / down) - middle.x)).toBeLessThan(2 * WORKING_PX)
    return lower
  }
  expect(lowerEnd(1200).x).toBeCloseTo(502, 6)
  expect(Math.abs(lowerEnd(2080).y - 1999)).toBeLessThan(WORKING_PX)
})

test('breast and muscle are parted: nothing is in both and nothing is lost', () => {
  const { breast, muscle } = found(oblique)
  if (isAbsent(muscle)) throw new Error(muscle.absent)
  const rest = breast.without(muscle.mask)
  expect(rest.areaPx + muscle.mask.areaPx).toBe(breast.areaPx)
  expect(rest.data.some((value, i) => value === 1 && muscle.mask.data[i] === 1)).toBe(false)
})

test('there is none where the corner is like the rest, where it is darker, and where there is no breast', () => {
  expect(found(tissue).muscle).toEqual(absent('pectoral-muscle-not-found'))
  const dark = (x: number, y: number) => (isMuscle(x, y) ? 0.25 + noise(x, y) : tissue(x, y))
  expect(found(dark).muscle).toEqual(absent('pectoral-muscle-not-found'))
  expect(
    pectoralMuscle(
      draw(() => 0),
      Mask.empty(SIZE),
    ),
  ).toEqual(absent('breast-region-not-found'))
})

test('a picture that is not hung upright is refused', () => {
  const turned = GreyImage.from(
    Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
      oblique(Math.floor(i / SIZE.height), i % SIZE.height),
    ),
    { width: SIZE.height, height: SIZE.width },
  )
  expect(pectoralMuscle(turned, breastRegion(turned, 'MG'))).toEqual(absent('chest-wall-not-found'))
})

/** Marked edges as a mask of the breast: the marks run from the upper edge down to the chest wall. */
function markedMuscle(breast: Mask, edge: readonly Point[]): Uint8Array {
  const toWall = Math.sign(edge.at(-1)!.x - edge[0]!.x)
  return Uint8Array.from(breast.data, (value, i) => {
    const [x, y] = [i % breast.width, Math.floor(i / breast.width)]
    const next = edge.findIndex((point, k) => k > 0 && y <= point.y)
    if (value === 0 || next < 0) return 0
    const [a, b] = [edge[next - 1]!, edge[next]!]
    return Number(toWall * (x - a.x - ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) >= 0)
  })
}

test.skipIf(!existsSync(CESM_IMAGES))(
  'on marked mammograms (CESM, the parts kept to judge by) what is found lies on the marks',
  { timeout: 120_000 },
  async () => {
    const overlaps: number[] = []
    const clear = cesmMarks(readFileSync(CESM_MARKS_FILE, 'utf8')).filter(
      ({ part, muscle }) => part !== 'develop' && muscle === 'clear',
    )
    for (const { image: name, muscleEdgePx } of clear) {
      const image = toGrey(await decodeImage(readFileSync(join(CESM_IMAGES, `${name}.jpg`)), name))
      const breast = breastRegion(image, 'MG')
      const muscle = pectoralMuscle(image, breast)
      if (!isAbsent(muscle)) overlaps.push(dice(muscle.mask.data, markedMuscle(breast, muscleEdgePx)))
    }
    expect(clear).toHaveLength(13)
    expect(overlaps.length).toBeGreaterThanOrEqual(11)
    expect(Math.min(...overlaps)).toBeGreaterThan(0.8)
    expect(overlaps.reduce((sum, value) => sum + value, 0) / overlaps.length).toBeGreaterThan(0.92)
  },
)
