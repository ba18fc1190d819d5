import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { edgeAbruptness } from './edge-abruptness.ts'
import { outlineOf, smoothOutline } from './outline.ts'
import { shapeOf } from './shape.ts'
import { mirrored } from './test-region.ts'
import { SCENE, type Scene, sceneOf } from './test-scene.ts'

type Subject = ReturnType<typeof sceneOf> & { readonly marked?: Mask; readonly tissue?: Mask }

function ofSubject({ image, region, marked = region, tissue }: Subject, side = SCENE.side) {
  const outline = smoothOutline(outlineOf(region, side), side)
  return edgeAbruptness({ image, region, marked, tissue }, outline, shapeOf(region, side).equivalentDiameter, side)
}

function number(subject: Subject, side = SCENE.side): number {
  const value = ofSubject(subject, side)
  if (isAbsent(value)) throw new Error(value.absent)
  return value
}

const of = (over: Partial<Scene>) => number(sceneOf({ ...SCENE, ...over }), over.side)

test('a sharp edge without speckle is passed in one step', () => {
  expect(of({ speckle: 0, semiMajor: 60, semiMinor: 60 })).toBeGreaterThan(0.95)
})

test('a Gaussian edge has the step that its error function says', () => {
  // Windows from 0 to 4 and from 0 to -4 samples, blurred by 4.8 of them; the range ends at 12: 2 * (mean of Phi - 1/2).
  const phi = [0.5, 1.5, 2.5, 3.5].map((k) => [0.5415, 0.6227, 0.6988, 0.767][k - 0.5]!)
  const step = 2 * (phi.reduce((sum, p) => sum + p, 0) / 4 - 0.5)
  expect(of({ speckle: 0, semiMajor: 60, semiMinor: 60, blur: 12 })).toBeCloseTo(step, 1)
})

test('the more the edge is blurred, the less abrupt it is, in any speckle', () => {
  for (const speckle of [0, 0.03, 0.06, 0.1]) {
    const blurred = [0, 3, 6, 12, 24].map((blur) => of({ semiMajor: 60, semiMinor: 60, speckle, blur }))
    expect([...blurred].sort().reverse()).toEqual(blurred)
  }
})

test('speckle without an edge has none to speak of', () => {
  for (const seed of [1, 2, 3, 4]) expect(of({ inside: 0.5, seed, semiMajor: 60, semiMinor: 40 })).toBeLessThan(0.3)
})

test('no affine change of grey alters it, and none that turns dark to bright', () => {
  const { image, region } = sceneOf({ ...SCENE, blur: 3 })
  const value = number({ image, region })
  for (const [gain, offset] of [
    [0.3, 0.1],
    [2, 5],
    [-1, 1],
  ] as const) {
    const other = GreyImage.from(
      image.data.map((grey) => gain * grey + offset),
      image,
    )
    expect(number({ image: other, region })).toBeCloseTo(value, 3)
  }
})

test('mirroring, finer pixels and an outline that is a little off leave it nearly as it was', () => {
  const scene = sceneOf({ ...SCENE, semiMajor: 50, semiMinor: 30 })
  const value = number(scene)
  const data = scene.image.data.map((_, i) => {
    const { width } = scene.image
    return scene.image.data[Math.floor(i / width) * width + width - 1 - (i % width)]!
  })
  const flipped = { image: GreyImage.from(data, scene.image), region: mirrored(scene.region) }
  expect(Math.abs(number(flipped) - value)).toBeLessThan(0.02)
  expect(Math.abs(number(doubled(scene)) - value)).toBeLessThan(0.05)
  const shifted = Mask.from(
    Uint8Array.from(scene.region.data, (_, i) => scene.region.data[i + 3] ?? 0),
    scene.region,
  )
  expect(Math.abs(number({ image: scene.image, region: shifted }) - value)).toBeLessThan(0.05)
})

/** Every pixel four times. */
function doubled({ image, region }: Subject): Subject {
  const size = { width: 2 * image.width, height: 2 * image.height }
  const from = (i: number) =>
    Math.floor(Math.floor(i / size.width) / 2) * image.width + Math.floor((i % size.width) / 2)
  const count = size.width * size.height
  return {
    image: GreyImage.from(
      Float32Array.from({ length: count }, (_, i) => image.data[from(i)]!),
      size,
    ),
    region: Mask.from(
      Uint8Array.from({ length: count }, (_, i) => region.data[from(i)]!),
      size,
    ),
  }
}

test('on pixels that are not square it is that of the same mass', () => {
  const flat = of({ side: { x: 0.05, y: 0.1 }, semiMajor: 4, semiMinor: 4, blur: 0.4, speckle: 0.03 })
  const square = of({ side: { x: 0.05, y: 0.05 }, semiMajor: 4, semiMinor: 4, blur: 0.4, speckle: 0.03 })
  expect(Math.abs(flat - square)).toBeLessThan(0.05)
})

test('what lies under another marked region does not count', () => {
  const scene = sceneOf(SCENE)
  const { width } = scene.region
  /** To the right of the mass, over its edge's surroundings. */
  const other = Mask.from(
    Uint8Array.from(scene.region.data, (inside, i) => Number(inside === 0 && i % width > 0.66 * width)),
    scene.region,
  )
  const marked = Mask.from(
    scene.region.data.map((inside, i) => inside | other.data[i]!),
    scene.region,
  )
  const inked = (level: number) =>
    GreyImage.from(
      scene.image.data.map((grey, i) => (other.data[i] === 1 ? level : grey)),
      scene.image,
    )
  const [dark, bright] = [0, 1].map((level) => number({ image: inked(level), region: scene.region, marked }))
  expect(dark).toBe(bright)
  expect(number({ image: inked(1), region: scene.region })).not.toBe(number({ ...scene, image: inked(0) }))
})

describe('is absent', () => {
  test('where the mass is smaller than its windows can be', () => {
    expect(ofSubject(sceneOf({ ...SCENE, semiMajor: 11, semiMinor: 11 }))).toEqual({ absent: 'region-too-small' })
  })
  test('where half the margin is not visible', () => {
    const scene = sceneOf(SCENE)
    const right = Uint8Array.from(scene.region.data, (_, i) =>
      i % scene.region.width > 0.47 * scene.region.width ? 1 : 0,
    )
    const tissue = Mask.from(right, scene.region)
    expect(number({ ...scene, tissue })).toBeGreaterThan(0.5)
    const less = Mask.from(
      right.map((_, i) => (i % tissue.width > 0.6 * tissue.width ? 1 : 0)),
      tissue,
    )
    expect(ofSubject({ ...scene, tissue: less })).toEqual({ absent: 'surroundings-not-visible' })
  })
  test.each([
    [40, false],
    [45, false],
    [55, true],
    [60, true],
  ])('where %i of a hundred arcs are whole: told is %s', (share, isTold) => {
    const radius = 60
    const scene = sceneOf({ ...SCENE, semiMajor: radius, semiMinor: radius })
    const { width } = scene.region
    // an arc of the circle is whole where both its ends, at half and at one and a half radii, lie in the tissue
    const half = (Math.PI * share) / 100
    const edge = Math.cos(half) * radius * (half < Math.PI / 2 ? 0.5 : 1.5)
    const tissue = Mask.from(
      Uint8Array.from(scene.region.data, (_, i) => Number((i % width) - (width - 1) / 2 > edge)),
      scene.region,
    )
    const told = ofSubject({ ...scene, tissue })
    if (isTold) expect(typeof told).toBe('number')
    else expect(told).toEqual({ absent: 'surroundings-not-visible' })
  })
  test('where nothing varies', () => {
    expect(ofSubject(sceneOf({ ...SCENE, speckle: 0, inside: 0.5 }))).toEqual({ absent: 'no-variation' })
  })
})
