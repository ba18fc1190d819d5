import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CODED_FEATURES, codedValue, type MassWordName } from '#core/coded-features.ts'
import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { type Mm, PIXEL_GRID, type PixelSides } from '#core/units.ts'
import { describeMass, type MassSubject } from './lexicon.ts'
import { type Lesion, measure } from './measure.ts'
import { drawn, ellipse, mirrored, peanut, rosette, turned } from './test-region.ts'
import { SCENE, type Scene, sceneOf } from './test-scene.ts'

const spacing = ({ x, y }: PixelSides) => ({ x: x as Mm, y: y as Mm })
const BY_DOCTOR = { modality: 'US', outlinedBy: 'doctor' } as const

function wordsOf(lesion: Omit<Lesion, 'marked'>, over: Partial<MassSubject> = {}) {
  const features = measure({ marked: lesion.region, modality: 'US', ...lesion })
  return describeMass({ features, ...BY_DOCTOR, ...over })
}

/** Of a form alone, on a picture of one grey. */
function wordsOfForm(region: Mask, side?: PixelSides) {
  const image = GreyImage.from(new Float32Array(region.data.length).fill(0.5), region)
  return wordsOf({ image, region, spacing: side && spacing(side) })
}

const wordsOfScene = (scene: Partial<Scene>) => wordsOf(sceneOf({ ...SCENE, ...scene }))

const suggested = (word: string) => ({ word, suggested: true })

const radius = fc.double({ min: 12, max: 30, noNaN: true })
const degrees = fc.integer({ min: 0, max: 179 })

describe('shape', () => {
  test('an ellipse is round from 0.85 of its length on and oval up to 0.75, in every direction and on any pixels', () => {
    fc.assert(
      fc.property(
        radius,
        fc.oneof(fc.double({ min: 0.4, max: 0.75, noNaN: true }), fc.double({ min: 0.85, max: 1, noNaN: true })),
        degrees,
        fc.double({ min: 0.6, max: 1, noNaN: true }),
        (length, share, angle, y) => {
          const side = { x: 1, y }
          const { shape } = wordsOfForm(ellipse(length, length * share, angle, side), side)
          expect(shape).toEqual(suggested(share < 0.8 ? 'oval' : 'round'))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a star is irregular whatever its number of arms', () => {
    for (const arms of [3, 4, 5, 8, 12]) {
      expect(wordsOfForm(rosette(30, arms, 0.3, PIXEL_GRID)).shape, `${arms}`).toEqual(suggested('irregular'))
    }
  })

  test('an oval may have a gentle undulation and two lobes; a deep notch makes it irregular', () => {
    expect(wordsOfForm(peanut(20, 0.6)).shape).toEqual(suggested('oval'))
    const notched = drawn((x, y) => (x / 30) ** 2 + (y / 20) ** 2 <= 1 && (Math.abs(x) > 5 || y < 0), 30, PIXEL_GRID)
    expect(wordsOfForm(notched).shape).toEqual(suggested('irregular'))
  })

  test('mirroring, a quarter turn, finer and coarser pixels keep the word', () => {
    const draw: Readonly<Record<string, (scale: number) => Mask>> = {
      oval: (scale) => ellipse(24 * scale, 14 * scale, 25, PIXEL_GRID),
      round: (scale) => ellipse(20 * scale, 18.5 * scale, 70, PIXEL_GRID),
      irregular: (scale) => rosette(20 * scale, 5, 0.3, PIXEL_GRID),
    }
    for (const [word, of] of Object.entries(draw)) {
      for (const mask of [of(1), mirrored(of(1)), turned(of(1)), of(2), of(0.5)]) {
        expect(wordsOfForm(mask).shape).toEqual(suggested(word))
      }
    }
  })
})

describe('orientation', () => {
  test('is parallel up to 45 degrees to the rows and not parallel beyond; mirroring keeps it, a quarter turn swaps it', () => {
    fc.assert(
      fc.property(radius, fc.double({ min: 0.3, max: 0.7, noNaN: true }), degrees, (length, share, angle) => {
        const tilt = Math.min(angle, 180 - angle)
        fc.pre(Math.abs(tilt - 45) > 2)
        const mask = ellipse(length, length * share, angle, PIXEL_GRID)
        const [word, other] = tilt < 45 ? ['parallel', 'not-parallel'] : ['not-parallel', 'parallel']
        expect(wordsOfForm(mask).orientation).toEqual(suggested(word!))
        expect(wordsOfForm(mirrored(mask)).orientation).toEqual(suggested(word!))
        expect(wordsOfForm(turned(mask)).orientation).toEqual(suggested(other!))
      }),
      { numRuns: 40 },
    )
  })

  test('a round mass is not parallel', () => {
    expect(wordsOfForm(ellipse(20, 19, 0, PIXEL_GRID)).orientation).toEqual(suggested('not-parallel'))
  })

  test('it follows millimetres, not the grid', () => {
    const wide = ellipse(24, 14, 0, PIXEL_GRID)
    expect(wordsOfForm(wide).orientation).toEqual(suggested('parallel'))
    expect(wordsOfForm(wide, { x: 0.1, y: 0.1 }).orientation).toEqual(suggested('parallel'))
    expect(wordsOfForm(wide, { x: 0.1, y: 0.4 }).orientation).toEqual(suggested('not-parallel'))
  })
})

describe('margin', () => {
  const large = { semiMajor: 60, semiMinor: 45 }
  test('a mass that is sharp in speckle is circumscribed, one blurred by a tenth of its diameter is not', () => {
    for (const speckle of [0.03, 0.06, 0.1]) {
      for (const seed of [1, 2, 3]) {
        expect(wordsOfScene({ ...large, speckle, seed }).margin).toEqual(suggested('circumscribed'))
        const blurred = wordsOfScene({ ...large, speckle, seed, blur: 11 })
        expect(blurred.margin).toEqual(suggested('not-circumscribed'))
        expect(blurred.shape).toEqual(suggested('oval'))
      }
    }
  })

  test('an irregular mass is not circumscribed however sharp it is', () => {
    const region = rosette(40, 6, 0.3, PIXEL_GRID)
    const image = GreyImage.from(
      Float32Array.from(region.data, (inside) => (inside === 0 ? 0.6 : 0.2)),
      region,
    )
    expect(wordsOf({ image, region }).margin).toEqual(suggested('not-circumscribed'))
  })

  test('no increasing affine change of grey alters a word of margin or shape', () => {
    const { image, region } = sceneOf({ ...SCENE, ...large, blur: 4 })
    const words = wordsOf({ image, region })
    for (const [gain, offset] of [
      [0.4, 0.05],
      [1.5, 0.2],
    ] as const) {
      const other = GreyImage.from(
        image.data.map((grey) => gain * grey + offset),
        image,
      )
      const { shape, orientation, margin } = wordsOf({ image: other, region })
      expect({ shape, orientation, margin }).toEqual({
        shape: words.shape,
        orientation: words.orientation,
        margin: words.margin,
      })
    }
  })
})

test('posterior features: what is darker or brighter below than beside the mass, and nothing between', () => {
  const below = (grey: number) => wordsOfScene({ below: grey }).posteriorFeatures
  expect(below(0.3)).toEqual(suggested('shadowing'))
  expect(below(0.5)).toEqual(suggested('none'))
  expect(below(0.85)).toEqual(suggested('enhancement'))
})

describe('one feature at its limit, the others far from theirs', () => {
  const PLAIN = {
    ...{ areaPx: 1000, elongation: 0.6, ellipseOverlap: 0.95, lobulationCount: 0, solidity: 0.95 },
    ...{ orientationDeg: 0, edgeAbruptness: 0.6, posteriorAcousticRatio: 1 },
  }
  const wordsWith = (over: Partial<typeof PLAIN>) => {
    const values = Object.entries({ ...PLAIN, ...over }).map(([name, value]) => [name, { value, unit: '1' }])
    return describeMass({ features: Object.fromEntries(values), ...BY_DOCTOR })
  }

  test.each([
    ['shape', 'lobulationCount', 2, 'oval'],
    ['shape', 'lobulationCount', 3, 'irregular'],
    ['shape', 'solidity', 0.9, 'oval'],
    ['shape', 'solidity', 0.899, 'irregular'],
    ['shape', 'ellipseOverlap', 0.9, 'oval'],
    ['shape', 'ellipseOverlap', 0.899, 'irregular'],
    ['shape', 'elongation', 0.799, 'oval'],
    ['shape', 'elongation', 0.8, 'round'],
    ['orientation', 'elongation', 0.799, 'parallel'],
    ['orientation', 'elongation', 0.8, 'not-parallel'],
    ['orientation', 'orientationDeg', 44.9, 'parallel'],
    ['orientation', 'orientationDeg', -44.9, 'parallel'],
    ['orientation', 'orientationDeg', 45, 'not-parallel'],
    ['orientation', 'orientationDeg', -45, 'not-parallel'],
    ['orientation', 'orientationDeg', 90, 'not-parallel'],
    ['margin', 'edgeAbruptness', 0.35, 'circumscribed'],
    ['margin', 'edgeAbruptness', 0.349, 'not-circumscribed'],
    ['margin', 'solidity', 0.899, 'not-circumscribed'],
    ['posteriorFeatures', 'posteriorAcousticRatio', 0.699, 'shadowing'],
    ['posteriorFeatures', 'posteriorAcousticRatio', 0.7, 'none'],
    ['posteriorFeatures', 'posteriorAcousticRatio', 1.428, 'none'],
    ['posteriorFeatures', 'posteriorAcousticRatio', 1.429, 'enhancement'],
  ] as const)('the %s of a mass whose %s is %f is %s', (word, name, value, told) => {
    expect(wordsWith({ [name]: value })[word]).toEqual(suggested(told))
  })

  test('a form of 100 pixels has a shape, one of 99 has none', () => {
    expect(wordsWith({ areaPx: 100 }).shape).toEqual(suggested('oval'))
    expect(wordsWith({ areaPx: 99 }).shape).toEqual({ absent: 'region-too-small' })
  })
})

describe('who drew the outline and what the image is of', () => {
  const { image, region } = sceneOf(SCENE)
  const features = measure({ image, region, marked: region, modality: 'US' })
  const reasons = (subject: Partial<MassSubject>) =>
    Object.fromEntries(
      Object.entries(describeMass({ features, ...BY_DOCTOR, ...subject })).map(([name, value]) => [
        name,
        'absent' in value ? value.absent : 'told',
      ]),
    )

  test("the software's outline, and one of which nobody said whose it is, has no shape and no margin", () => {
    for (const outlinedBy of ['software', undefined] as const) {
      expect(reasons({ outlinedBy })).toEqual({
        shape: 'outline-not-by-doctor',
        orientation: 'told',
        margin: 'outline-not-by-doctor',
        posteriorFeatures: 'told',
      })
    }
  })

  test('a mammogram has none of the words, and other images never have', () => {
    const none = 'not-for-this-modality'
    expect(reasons({ modality: 'MG' })).toEqual({
      shape: 'word-not-validated',
      orientation: none,
      margin: 'word-not-validated',
      posteriorFeatures: none,
    })
    for (const modality of ['TG', 'OT', undefined] as const) {
      expect(new Set(Object.values(reasons({ modality })))).toEqual(new Set([none]))
    }
  })
})

test('a region of a few pixels has no words', () => {
  const region = drawn((x, y) => Math.hypot(x, y) <= 1.2, 30, PIXEL_GRID)
  for (const value of Object.values(wordsOfForm(region))) expect(value).toEqual({ absent: 'region-too-small' })
})

test('every word that is told is declared, and marked as suggested', () => {
  const scenes = [{}, { blur: 20 }, { below: 0.1 }, { semiMinor: 12 }]
  for (const words of scenes.map(wordsOfScene)) {
    for (const name of Object.keys(words) as MassWordName[]) {
      expect(codedValue(name).parse(words[name])).toEqual(words[name])
      expect(codedValue(name).safeParse({ ...words[name], suggested: undefined }).success).toBe(false)
      expect(CODED_FEATURES[name].isSuggested).toBe(true)
    }
  }
})
