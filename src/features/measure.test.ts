import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FEATURE_NAMES, FEATURES, type FeatureName, type FeatureValue } from '#core/features.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { type Random, seededRandom } from '#core/random.ts'
import type { Mm } from '#core/units.ts'
import { contrastToNoiseRatio, generalisedCnr } from './contrast.ts'
import { type Lesion, measure } from './measure.ts'

const SIZE = { width: 48, height: 40 }
const spacing = (x: number, y: number) => ({ x: x as Mm, y: y as Mm })

/** A dark ellipse in brighter speckle, with a nipple beside it. */
function lesion(over: Partial<Lesion> = {}, seed = 1): Lesion {
  const random = seededRandom(seed)
  const region = new Uint8Array(SIZE.width * SIZE.height)
  const grey = new Float32Array(SIZE.width * SIZE.height)
  for (let i = 0; i < grey.length; i++) {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
    const inside = ((x - 22) / 9) ** 2 + ((y - 18) / 6) ** 2 <= 1
    region[i] = inside ? 1 : 0
    grey[i] = Math.round(255 * random.between(inside ? 0.1 : 0.4, inside ? 0.35 : 0.8)) / 255
  }
  const mask = Mask.from(region, SIZE)
  const image = GreyImage.from(grey, SIZE)
  return { image, region: mask, marked: mask, modality: 'US', nipplePx: { x: 40, y: 5 }, ...over }
}

function number(value: FeatureValue): number {
  if (!('value' in value)) throw new Error(`absent: ${value.absent}`)
  return value.value
}

/** The same lesion seen in a mirror. */
function mirrored({ image, region, marked, nipplePx, ...rest }: Lesion): Lesion {
  const flip = <T extends Float32Array | Uint8Array>(data: T): T => {
    const out = data.slice() as T
    for (let i = 0; i < data.length; i++) {
      const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
      out[y * SIZE.width + SIZE.width - 1 - x] = data[i]!
    }
    return out
  }
  return {
    ...rest,
    image: GreyImage.from(flip(image.data), SIZE),
    region: Mask.from(flip(region.data), SIZE),
    marked: Mask.from(flip(marked.data), SIZE),
    nipplePx: nipplePx && 'x' in nipplePx ? { x: SIZE.width - 1 - nipplePx.x, y: nipplePx.y } : nipplePx,
  }
}

test('every declared feature is a number with its declared unit, or absent with a reason', () => {
  for (const subject of [lesion(), lesion({ spacing: spacing(0.1, 0.1) }), lesion({ nipplePx: undefined })]) {
    const features = measure(subject)
    for (const name of FEATURE_NAMES) {
      const value = features[name]
      if ('value' in value)
        expect([name, value.unit, Number.isFinite(value.value)]).toEqual([name, FEATURES[name].unit, true])
      else expect(value.absent).toBeTypeOf('string')
    }
  }
})

describe('without pixel spacing', () => {
  const features = measure(lesion())
  test('there is no millimetre anywhere', () => {
    // What a person entered needs none, and an offset needs the picture's orientation first,
    // a distance to the skin the breast.
    const first = [
      'no-pixel-spacing',
      'distance-not-entered',
      'orientation-not-given',
      'breast-region-not-found',
      'not-for-this-view',
      'not-for-this-modality',
    ]
    for (const name of FEATURE_NAMES.filter((n) => FEATURES[n].unit.startsWith('mm'))) {
      const value = features[name]
      expect(first, name).toContain('absent' in value ? value.absent : value.unit)
    }
  })
  test('lengths, areas and forms are marked uncalibrated', () => {
    for (const name of ['areaPx', 'maximumDiameterPx', 'nippleDistancePx', 'circularity', 'orientationDeg'] as const) {
      expect(features[name]).toMatchObject({ uncalibrated: true })
    }
  })
})

test('without a nipple every distance to it is absent for that reason', () => {
  const features = measure(lesion({ nipplePx: undefined, spacing: spacing(0.1, 0.1) }))
  for (const name of FEATURE_NAMES.filter((n) => n.startsWith('nippleDistance') || n.startsWith('nippleEdge'))) {
    const isShare = name === 'nippleDistanceShare'
    expect(features[name], name).toEqual({ absent: isShare ? 'not-for-this-modality' : 'nipple-not-given' })
  }
})

test('the nipple distance goes from the centroid, per axis', () => {
  const features = measure(lesion({ spacing: spacing(0.1, 0.2) }))
  expect(number(features.nippleDistanceMm)).toBeCloseTo(Math.hypot(18 * 0.1, 13 * 0.2), 6)
  expect(number(features.nippleDistancePx)).toBeCloseTo(Math.hypot(18, 13), 6)
  expect(number(features.nippleEdgeDistanceMm)).toBeLessThan(number(features.nippleDistanceMm))
})

test('mirroring changes nothing but the sign of the orientation', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.05, max: 0.4, noNaN: true }), (seed, y) => {
      const subject = lesion({ spacing: spacing(0.1, y) }, seed)
      const [a, b] = [measure(subject), measure(mirrored(subject))]
      for (const name of FEATURE_NAMES) {
        if ('absent' in a[name]) expect(b[name]).toEqual(a[name])
        // of convexity the smooth outline's points begin elsewhere
        else if (name !== 'orientationDeg')
          expect(number(b[name])).toBeCloseTo(number(a[name]), name === 'convexity' ? 3 : 5)
        // 90 and -90 are one direction
        else expect(Math.sin(((number(a[name]) + number(b[name])) * Math.PI) / 180)).toBeCloseTo(0, 5)
      }
    }),
    { numRuns: 25 },
  )
})

test('a larger picture around the lesion changes nothing', () => {
  const size = { width: SIZE.width + 60, height: SIZE.height + 50 }
  const widen = <T extends Float32Array | Uint8Array>(data: T, out: T): T => {
    for (let i = 0; i < data.length; i++) {
      out[(Math.floor(i / SIZE.width) + 20) * size.width + (i % SIZE.width) + 35] = data[i]!
    }
    return out
  }
  const small = lesion({ spacing: spacing(0.1, 0.15) })
  const region = Mask.from(widen(small.region.data, new Uint8Array(size.width * size.height)), size)
  const image = GreyImage.from(widen(small.image.data, new Float32Array(size.width * size.height)), size)
  const nipplePx = { x: 40 + 35, y: 5 + 20 }
  expect(measure({ ...small, image, region, marked: region, nipplePx })).toEqual(measure(small))
})

test('forms and contrasts are free of scale', () => {
  const names: FeatureName[] = [
    'circularity',
    'orientationDeg',
    'ringDifference',
    'ringRatio',
    'michelsonContrast',
    'gcnr',
    'cnr',
    'marginSharpness',
    'posteriorAcousticRatio',
    'solidity',
    'lobulationCount',
    'boundaryRoughness',
    'glcmContrast',
  ]
  fc.assert(
    fc.property(fc.double({ min: 0.02, max: 3, noNaN: true }), (side) => {
      const [a, b] = [measure(lesion()), measure(lesion({ spacing: spacing(side, side) }))]
      for (const name of names) expect(number(b[name])).toBeCloseTo(number(a[name]), 6)
    }),
    { numRuns: 25 },
  )
})

describe('contrast', () => {
  test('a dark region differs downwards and a bright one upwards', () => {
    const dark = lesion()
    const bright = {
      ...dark,
      image: GreyImage.from(
        dark.image.data.map((v) => 1 - v),
        SIZE,
      ),
    }
    const [d, b] = [measure(dark), measure(bright)]
    expect(number(d.ringDifference)).toBeLessThan(-0.2)
    expect(number(b.ringDifference)).toBeCloseTo(-number(d.ringDifference), 5)
    expect(number(d.ringRatio)).toBeLessThan(1)
    expect(number(d.michelsonContrast)).toBeLessThan(0)
    expect(number(d.gcnr)).toBe(1)
  })

  test('other marked regions and background stay out of the ring', () => {
    const subject = lesion()
    const half = new Uint8Array(SIZE.width * SIZE.height).map((_, i) => (i % SIZE.width < 22 ? 1 : 0))
    const spoiled = subject.image.data.map((v, i) => (half[i] === 0 && subject.region.data[i] === 0 ? 0 : v))
    const image = GreyImage.from(spoiled, SIZE)
    const measured = measure({ ...subject, image, tissue: Mask.from(half, SIZE) })
    expect(number(measured.ringDifference)).toBeLessThan(-0.2)
    expect(number(measure({ ...subject, image }).ringDifference)).toBeGreaterThan(-0.2)
  })

  test('is absent where too little of the surroundings is visible', () => {
    const subject = lesion()
    const features = measure({ ...subject, tissue: subject.region })
    // of so small a mass no edge is told at all
    const elsewhere: FeatureName[] = ['temperatureDifference', 'contralateralDifference', 'edgeAbruptness']
    for (const name of FEATURE_NAMES.filter((n) => FEATURES[n].group === 'contrast' && !elsewhere.includes(n))) {
      expect(features[name]).toEqual({ absent: 'surroundings-not-visible' })
    }
  })
})

/** The lesion in an image of one's own making: grey by column, row and whether it is lesion. */
function painted(grey: (x: number, y: number, inside: boolean) => number, over: Partial<Lesion> = {}): Lesion {
  const subject = lesion(over)
  const data = subject.region.data
  const image = Float32Array.from(data, (inside, i) => grey(i % SIZE.width, Math.floor(i / SIZE.width), inside === 1))
  return { ...subject, image: GreyImage.from(image, SIZE) }
}

describe('what lies below on ultrasound', () => {
  test('is 1 where grey depends on depth alone, however it is attenuated', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), (attenuation) => {
        const subject = painted((_, y) => Math.exp(-attenuation * (y / SIZE.height)))
        expect(number(measure(subject).posteriorAcousticRatio)).toBeCloseTo(1, 6)
      }),
    )
  })

  test.each([0.4, 1.6])('is the factor by which it is darker or brighter: %f', (factor) => {
    const subject = painted((x, y) => (y > 24 && x >= 13 && x <= 31 ? 0.5 * factor : 0.5))
    expect(number(measure(subject).posteriorAcousticRatio)).toBeCloseTo(factor, 5)
  })

  test('compares equal depths also where tissue beside it is cut away', () => {
    const homogeneous = painted((_, y) => 0.8 - y / 100)
    const tissue = Mask.from(
      homogeneous.region.data.map((_, i) => (i % SIZE.width > 12 && i % SIZE.width < 33 ? 1 : +(i < 31 * SIZE.width))),
      SIZE,
    )
    expect(number(measure({ ...homogeneous, tissue }).posteriorAcousticRatio)).toBeCloseTo(1, 6)
  })

  test('is absent on other images, and where the picture ends below the lesion', () => {
    expect(measure(lesion({ modality: 'MG' })).posteriorAcousticRatio).toEqual({ absent: 'not-for-this-modality' })
    const tissue = Mask.from(
      lesion().region.data.map((_, i) => (i < 26 * SIZE.width ? 1 : 0)),
      SIZE,
    )
    expect(measure(lesion({ tissue })).posteriorAcousticRatio).toEqual({ absent: 'surroundings-not-visible' })
  })
})

describe('margin sharpness', () => {
  /** Grey that goes from 0.2 to 0.7 over so many pixels across the outline, about. */
  const ramp = (width: number) =>
    painted((x, y) => {
      const distance = (Math.hypot((x - 22) / 9, (y - 18) / 6) - 1) * 7
      return 0.2 + 0.5 * Math.min(Math.max(distance / width + 0.5, 0), 1)
    })

  test('is the step of a hard edge, and less the wider the edge is', () => {
    const found = [0.01, 4, 8, 16].map((width) => number(measure(ramp(width)).marginSharpness))
    expect(found[0]).toBeGreaterThan(0.4)
    expect(found[0]).toBeLessThanOrEqual(0.5)
    expect(found).toEqual(found.toSorted((a, b) => b - a))
    expect(found.at(-1)).toBeLessThan(0.1)
  })

  test('of a line one pixel thin is not had, because nothing inside can be read', () => {
    const line = Mask.from(
      lesion().region.data.map(
        (_, i) => +(Math.floor(i / SIZE.width) === 20 && i % SIZE.width > 8 && i % SIZE.width < 40),
      ),
      SIZE,
    )
    const { marginSharpness } = measure(lesion({ region: line, marked: line }))
    expect(marginSharpness).toEqual({ absent: 'surroundings-not-visible' })
  })

  test('is alike for a dark and a bright lesion, and nothing where grey does not change', () => {
    const [dark, bright] = [ramp(2), painted((x, y) => 1 - ramp(2).image.data[y * SIZE.width + x]!)]
    expect(number(measure(bright).marginSharpness)).toBeCloseTo(number(measure(dark).marginSharpness), 5)
    expect(number(measure(painted(() => 0.5)).marginSharpness)).toBeCloseTo(0, 12)
  })
})

test('CNR is the difference of means over the root of summed variances, and no number where nothing varies', () => {
  expect(contrastToNoiseRatio(Float32Array.of(1, 3), Float32Array.of(9, 13))).toBeCloseTo(9 / Math.sqrt(1 + 4), 6)
  const flat = measure(painted((_x, _y, inside) => (inside ? 0.2 : 0.7)))
  expect(flat.cnr).toEqual({ absent: 'no-variation' })
  expect(number(flat.gcnr)).toBe(1)
})

describe('gCNR', () => {
  const values = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 900 })
  test('is left as it was by any strictly increasing change of grey', () => {
    fc.assert(
      fc.property(values, values, fc.double({ min: 0.2, max: 5, noNaN: true }), (inside, outside, gamma) => {
        const change = (v: number) => (v / 2001) ** gamma
        const steps = new Set([...inside, ...outside])
        // float32 must not merge two levels, or the change is not strict
        fc.pre(new Set(Float32Array.from(steps, change)).size === steps.size)
        expect(generalisedCnr(Float32Array.from(inside, change), Float32Array.from(outside, change))).toBeCloseTo(
          generalisedCnr(Float32Array.from(inside), Float32Array.from(outside)),
          12,
        )
      }),
    )
  })
  test('is symmetric, 0 for a set against itself and 1 for sets apart', () => {
    fc.assert(
      fc.property(values, values, (inside, outside) => {
        const [a, b] = [Float32Array.from(inside), Float32Array.from(outside)]
        expect(generalisedCnr(a, b)).toBeCloseTo(generalisedCnr(b, a), 12)
        expect(generalisedCnr(a, a)).toBeCloseTo(0, 12)
        expect(generalisedCnr(Float32Array.of(1, 2), Float32Array.of(3, 4))).toBe(1)
      }),
    )
  })
})

describe('gCNR of few pixels', () => {
  /** A disc of `radius` pixels and its ring: how many pixels each has, as a region is measured. */
  const sizes = (radius: number) => {
    const ring = Math.max(2, radius / 2)
    return [Math.round(Math.PI * radius ** 2), Math.round(Math.PI * ((radius + ring) ** 2 - radius ** 2))] as const
  }
  /** Mean over draws of two sets in 8-bit steps, from the given distributions. */
  const meanOf = (radius: number, inside: Draw, outside: Draw) => {
    const random = seededRandom(radius)
    const [a, b] = sizes(radius)
    const draws = 60
    let sum = 0
    for (let i = 0; i < draws; i++) {
      const values = (length: number, draw: Draw) => Float32Array.from({ length }, () => Math.round(40 * draw(random)))
      sum += generalisedCnr(values(a, inside), values(b, outside))
    }
    return sum / draws
  }
  const at =
    (mean: number, deviation = 1): Draw =>
    (random) =>
      mean + deviation * standardNormal(random)

  test.each([
    [5, 0.14],
    [8, 0.1],
    [20, 0.06],
  ])('is nearly nothing where region and ring are alike: radius %d, at most %d', (radius, most) => {
    expect(meanOf(radius, at(0), at(0))).toBeLessThan(most)
  })
  // 2 Φ(d / 2) - 1 for two normal distributions a distance of d deviations apart
  test.each([
    [5, 1, 0.3829],
    [5, 2, 0.6827],
    [8, 2, 0.6827],
    [20, 1, 0.3829],
    [20, 3, 0.8664],
  ])('is that of normal distributions: radius %d, %d deviations apart, %d', (radius, distance, truth) => {
    expect(Math.abs(meanOf(radius, at(0), at(distance)) - truth)).toBeLessThan(0.03)
  })
  test('sees a set that spreads wider about the same middle', () => {
    // densities of deviation 1 and 3 cross at x² = 2 ln 3 / (1 - 1/9): 2 (Φ(x) - Φ(x / 3)) = 0.484
    expect(Math.abs(meanOf(8, at(0), at(0, 3)) - 0.484)).toBeLessThan(0.05)
  })
})

type Draw = (random: Random) => number

/** Box and Muller. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
}

describe('an echogenic halo', () => {
  const centre = { x: 22, y: 18 }
  const banded = (band: number) =>
    painted((x, y, inside) => {
      const away = Math.hypot((x - centre.x) / 9, (y - centre.y) / 6)
      return inside ? 0.2 : away < 1.2 ? band : 0.5
    })
  test('is above 0 where a band around the region is brighter than both, and below 0 else', () => {
    expect(number(measure(banded(0.8)).halo)).toBeGreaterThan(0.1)
    expect(number(measure(banded(0.5)).halo)).toBeCloseTo(0, 6)
    expect(number(measure(banded(0.3)).halo)).toBeLessThan(-0.05)
  })
  test('grows with the band, and is a word of ultrasound alone', () => {
    const values = [0.5, 0.6, 0.7, 0.8].map((band) => number(measure(banded(band)).halo))
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    expect(measure({ ...banded(0.8), modality: 'MG' }).halo).toEqual({ absent: 'not-for-this-modality' })
  })
})

describe('the temperature difference', () => {
  const warm = painted((_x, _y, inside) => (inside ? 0.9 : 0.8))
  test('is the grey difference in degrees of the given scale, on thermograms alone', () => {
    const value = number(measure({ ...warm, modality: 'TG', celsiusPerGrey: 40.95 }).temperatureDifference)
    expect(value).toBeCloseTo(4.095, 4)
    expect(measure({ ...warm, celsiusPerGrey: 40.95 }).temperatureDifference).toEqual({
      absent: 'not-for-this-modality',
    })
  })
  test('is never made up where no scale was given', () => {
    const { temperatureDifference } = measure({ ...warm, modality: 'TG' })
    expect(temperatureDifference).toEqual({ absent: 'no-temperature-scale' })
  })
})

test('a region of a few pixels has a size but no form, no texture and no distribution of grey', () => {
  const data = new Uint8Array(SIZE.width * SIZE.height)
  data.fill(1, 1000, 1004)
  const region = Mask.from(data, SIZE)
  const features = measure(lesion({ region, marked: region }))
  expect(features.areaPx).toEqual({ value: 4, unit: 'px2', uncalibrated: true })
  for (const name of ['circularity', 'glcmContrast', 'gcnr', 'cnr', 'posteriorAcousticRatio'] as const) {
    expect(features[name]).toEqual({ absent: 'region-too-small' })
  }
})

test('a disc has no direction', () => {
  const data = new Uint8Array(SIZE.width * SIZE.height).map((_, i) =>
    Math.hypot((i % SIZE.width) - 20, Math.floor(i / SIZE.width) - 20) <= 8 ? 1 : 0,
  )
  const region = Mask.from(data, SIZE)
  expect(measure(lesion({ region, marked: region })).orientationDeg).toEqual({ absent: 'no-direction' })
})

test('a mask of another size is refused', () => {
  expect(() => measure(lesion({ tissue: Mask.empty({ width: 3, height: 3 }) }))).toThrow('MASK_SIZE_MISMATCH')
})

describe('calipers drawn over a lesion', () => {
  const clean = lesion()
  const drawnOn = Uint8Array.from(clean.image.data, (_, i) => {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
    return (y === 18 && x % 3 === 0) || (x === 22 && y % 3 === 0) ? 1 : 0
  })
  const burnedIn = Mask.from(drawnOn, SIZE)
  const drawn = {
    ...clean,
    image: GreyImage.from(
      clean.image.data.map((grey, i) => (drawnOn[i] === 1 ? 1 : grey)),
      SIZE,
    ),
  }
  const contrasts = FEATURE_NAMES.filter((name) => FEATURES[name].group === 'contrast')
  const textures = ['greyLevelEntropy'] as const

  test('change no contrast and no entropy: whatever the pixels under them show is not read', () => {
    const [below, above] = [measure({ ...clean, burnedIn }), measure({ ...drawn, burnedIn })]
    for (const name of FEATURE_NAMES) expect([name, above[name]]).toEqual([name, below[name]])
  })

  test('would have changed them, and without their pixels the values come near those of the bare picture', () => {
    const [bare, ignored, read] = [measure(clean), measure({ ...drawn, burnedIn }), measure(drawn)]
    for (const name of [...contrasts, ...textures]) {
      if (!('value' in bare[name])) continue
      const off = (features: typeof bare) => Math.abs(number(features[name]) - number(bare[name]))
      expect([name, off(ignored) <= off(read)]).toEqual([name, true])
    }
    expect(Math.abs(number(read.ringDifference) - number(bare.ringDifference))).toBeGreaterThan(0.04)
    expect(number(ignored.ringDifference)).toBeCloseTo(number(bare.ringDifference), 1)
  })

  test('leave its form as it was outlined', () => {
    const [bare, ignored] = [measure(clean), measure({ ...drawn, burnedIn })]
    for (const name of ['areaPx', 'maximumDiameterPx', 'circularity', 'solidity'] as const) {
      expect(ignored[name]).toEqual(bare[name])
    }
  })

  test('that cover more than half of it leave no grey to read', () => {
    const over = Mask.from(
      clean.region.data.map((inside, i) => (inside === 1 && i % 3 !== 0 ? 1 : 0)),
      SIZE,
    )
    const features = measure({ ...clean, burnedIn: over })
    for (const name of ['gcnr', 'ringDifference', 'marginSharpness', 'greyLevelEntropy'] as const) {
      expect(features[name]).toEqual({ absent: 'drawn-over' })
    }
  })
})
