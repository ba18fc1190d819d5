import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { FrameSequence } from '#core/sequence.ts'
import { breastFrame, mirroredRegion } from '#imaging/breast-frame.ts'
import { components } from '#imaging/components.ts'
import { encodePng } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { standardise } from '#imaging/standardise.ts'
import { breastArea } from './breast-area.ts'
import { withContralateral } from './contralateral.ts'
import { type GivenBeside, type ScreenedImage, screenImage } from './screen-image.ts'
import type { Segmenter } from './segment.ts'
import type { RecordedSequence } from './sequence-file.ts'

const SIZE = { width: 96, height: 80 }
type Disc = readonly [x: number, y: number, radius: number]
const inDisc = (x: number, y: number, [ofX, ofY, radius]: Disc) => Math.hypot(x - ofX, y - ofY) <= radius
const isBreast = (x: number, y: number) => Math.hypot(x, y - 40) <= 60 && Math.abs(y - 40) <= 34
/** Of the breast, and of something bright in it that both breasts have. */
const [PLAIN, BRIGHT] = [102, 204]
const plain = (x: number, y: number) => (!isBreast(x, y) ? 0 : x > 4 && x < 18 && y > 50 && y < 64 ? BRIGHT : PLAIN)

/** A picture of a left breast, its chest wall on the left; a right one is drawn in a mirror. */
function drawn<T>(side: Side, of: (x: number, y: number) => T): T[] {
  return Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
    const column = i % SIZE.width
    return of(side === 'L' ? column : SIZE.width - 1 - column, Math.floor(i / SIZE.width))
  })
}

interface Drawing {
  readonly grey: (x: number, y: number) => number
  readonly marked: readonly Disc[]
  /** Light of a place over time, in the breast and beside it. */
  readonly light: (x: number, y: number, isSeen: boolean, timeS: number) => number
}

const TIMES_S = [0, 1, 2, 3, 4, 5]
const steady = () => 0.5

/** As a screening has it, its regions found by software that stretches the contrast of what it looks at. */
async function screened(side: Side, { grey, marked, light }: Drawing): Promise<ScreenedImage> {
  const image = { file: `${side}.png`, side, modality: 'OT', view: 'frontal' } as const
  const data = Uint8Array.from(drawn(side, grey))
  const raster: RasterImage = { ...SIZE, channels: 1, bitDepth: 8, data }
  const mask = maskOf(side, marked)
  const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 30 }))
  const segmented = { mask, presence: 0.75, expectedDice: 0.7, regions }
  const segmenter: Segmenter = {
    isValidatedOn: () => true,
    judge: () => 'judgeable',
    standardise: (given) => standardise(given, { ...DEFAULT_PREPROCESSING.OT, contrast: 'percentile' }),
    segment: async () => segmented,
  }
  const given: GivenBeside = {
    segment: async () => segmented,
    sequence: recorded(side, light, breastArea(toGrey(raster), image).breast),
    score: () => absent('risk-not-validated'),
    proposeNipple: async () => absent('not-evaluated'),
  }
  return screenImage(await encodePng(raster), image, `${side}-frontal`, given, segmenter)
}

function maskOf(side: Side, discs: readonly Disc[]): Mask {
  return Mask.from(Uint8Array.from(drawn(side, (x, y) => Number(discs.some((disc) => inDisc(x, y, disc))))), SIZE)
}

function recorded(side: Side, light: Drawing['light'], breast: Mask): RecordedSequence {
  const isSeen = drawn(side, (x, y) => breast.data[y * SIZE.width + (side === 'L' ? x : SIZE.width - 1 - x)] === 1)
  const frames = TIMES_S.map((time) => {
    const values = drawn(side, (x, y) => (seen: boolean) => light(x, y, seen, time))
    return Float32Array.from(values, (of, i) => of(isSeen[i]!))
  })
  const channels = [{ label: 'LED 1', timesS: Float64Array.from(TIMES_S), frames }]
  return {
    sequence: FrameSequence.from({ kind: 'optical', signalUnit: '1', channels }, SIZE),
    covered: Mask.from(new Uint8Array(SIZE.width * SIZE.height).fill(1), SIZE),
    ...{ reference: undefined, baselineFrames: 2, earlyFrame: undefined },
    ...{ motion: absent('motion-not-found'), isCompensated: false },
  }
}

/** Of each region of the left breast: its differences from the other side, and what that side's recording shows there. */
async function acrossOf(left: Drawing, right: Drawing) {
  const both = [await screened('L', left), await screened('R', right)]
  const { marking } = withContralateral(both).find(({ side }) => side === 'L')!
  if (isAbsent(marking)) throw new Error(marking.absent)
  return marking.lesions.map(({ features: { contrast, contrastStandardised, temporal } }) => {
    if (isAbsent(contrastStandardised) || isAbsent(temporal)) throw new Error('not measured')
    const { contralateralCurve: curve, curve: own } = temporal[0]!
    return {
      own: own.signal,
      raw: contrast.contralateralDifference,
      standard: contrastStandardised.contralateralDifference,
      curve: isAbsent(curve) ? curve : curve.signal,
    }
  })
}

const numberOf = (feature: object) => ('value' in feature ? (feature.value as number) : Number.NaN)

describe('two regions of one breast', () => {
  const [LARGE, SMALL]: [Disc, Disc] = [
    [22, 36, 9],
    [42, 24, 6],
  ]
  const left: Drawing = {
    grey: (x, y) => (inDisc(x, y, LARGE) ? PLAIN + 51 : inDisc(x, y, SMALL) ? PLAIN - 51 : plain(x, y)),
    marked: [LARGE, SMALL],
    light: (x, y, _, time) => (inDisc(x, y, LARGE) ? 0.7 - 0.01 * time : inDisc(x, y, SMALL) ? 0.2 + 0.02 * time : 0.9),
  }
  const right: Drawing = {
    ...{ grey: plain, marked: [] },
    light: (x, y, _, time) => (inDisc(x, y, LARGE) ? 0.5 - 0.02 * time : inDisc(x, y, SMALL) ? 0.3 + 0.01 * time : 0.9),
  }

  test('each differ from their own mirrored place, and are followed at it over time', async () => {
    const [large, small] = await acrossOf(left, right)
    expect(numberOf(large!.raw)).toBeCloseTo(0.2, 1.5)
    expect(numberOf(small!.raw)).toBeCloseTo(-0.2, 1.5)
    expect(large!.curve).toEqual(TIMES_S.map((time) => expect.closeTo(0.5 - 0.02 * time, 6)))
    expect(small!.curve).toEqual(TIMES_S.map((time) => expect.closeTo(0.3 + 0.01 * time, 6)))
  })

  test('are each told with their own course beside it', async () => {
    const [large, small] = await acrossOf(left, right)
    expect(large!.own).toEqual(TIMES_S.map((time) => expect.closeTo(0.7 - 0.01 * time, 6)))
    expect(small!.own).toEqual(TIMES_S.map((time) => expect.closeTo(0.2 + 0.02 * time, 6)))
  })

  test('are followed at places nearer the chest wall in a breast of three quarters the size', async () => {
    const nearer = ([x, y, radius]: Disc): Disc => [0.75 * x, 40 + 0.75 * (y - 40), 0.75 * radius + 1.5]
    const enlarged = (of: Drawing['grey']) => (x: number, y: number) => of(x / 0.75, 40 + (y - 40) / 0.75)
    const light: Drawing['light'] = (x, y, _, time) =>
      inDisc(x, y, nearer(LARGE)) ? 0.5 - 0.02 * time : inDisc(x, y, nearer(SMALL)) ? 0.3 + 0.01 * time : 0.9
    const [large, small] = await acrossOf(left, { grey: enlarged(plain), marked: [], light })
    expect(large!.curve).toEqual(TIMES_S.map((time) => expect.closeTo(0.5 - 0.02 * time, 6)))
    expect(small!.curve).toEqual(TIMES_S.map((time) => expect.closeTo(0.3 + 0.01 * time, 6)))
  })

  test('differ on standardised pixels by as much more as these have contrast', async () => {
    for (const { raw, standard } of await acrossOf(left, right)) {
      // black to the bright structure, each more than a hundredth of the picture, became 0 to 1; the rims are resampled
      expect(numberOf(standard) / numberOf(raw)).toBeCloseTo(255 / BRIGHT, 1)
    }
  })
})

describe('where the other breast is dented', () => {
  const isDent = (x: number, y: number) => x > 44 && Math.abs(y - 40) <= 14
  const other: Drawing = {
    grey: (x, y) => (isDent(x, y) ? 0 : plain(x, y)),
    marked: [],
    light: (_, __, isSeen, time) => (isSeen ? 0.5 - 0.02 * time : 0.1),
  }

  /** Which share of the mirrored place of a region the other breast shows. */
  function seenShare(disc: Disc): number {
    const [own, dented] = [
      { side: 'L', grey: plain },
      { side: 'R', grey: other.grey },
    ].map(({ side, grey }) => {
      const raster = { ...SIZE, channels: 1, bitDepth: 8, data: Uint8Array.from(drawn(side as Side, grey)) } as const
      const { breast } = breastArea(toGrey(raster), { modality: 'OT' })
      const frame = breastFrame(breast, side as Side)
      if (isAbsent(frame)) throw new Error(frame.absent)
      return { breast, frame }
    })
    const place = mirroredRegion(maskOf('L', [disc]), own!.frame, dented!.frame)
    return place.and(dented!.breast).areaPx / place.areaPx
  }

  test.each<[Disc]>([[[46, 40, 7]], [[47, 36, 8]]])(
    'a place that is seen for the most part is compared by what is seen of it (%j)',
    async (disc) => {
      expect(seenShare(disc)).toBeGreaterThan(0.55)
      expect(seenShare(disc)).toBeLessThan(0.9)
      const [region] = await acrossOf({ grey: plain, marked: [disc], light: steady }, other)
      expect(region!.curve).toEqual(TIMES_S.map((time) => expect.closeTo(0.5 - 0.02 * time, 6)))
      // tissue against tissue: the dent's black, a hidden fifth of 0.4, is none, but for the smoothed rim
      expect(Math.abs(numberOf(region!.raw))).toBeLessThan(0.02)
    },
  )

  test.each<[Disc]>([[[52, 40, 7]], [[53, 38, 6]]])(
    'a place that is hidden for the most part is not compared (%j)',
    async (disc) => {
      expect(seenShare(disc)).toBeGreaterThan(0.05)
      expect(seenShare(disc)).toBeLessThan(0.45)
      const [region] = await acrossOf({ grey: plain, marked: [disc], light: steady }, other)
      const notSeen = absent('mirrored-place-not-seen')
      expect(region).toMatchObject({ raw: notSeen, standard: notSeen, curve: notSeen })
    },
  )
})

test('an image without a counterpart is told as it was read', async () => {
  const alone = await screened('L', { grey: plain, marked: [[22, 36, 9]], light: steady })
  expect(withContralateral([alone])).toEqual([alone.report])
})
