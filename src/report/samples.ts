/** Made-up reports for tests; no measurement in them is of anybody. */
import { absent, isAbsent } from '#core/absent.ts'
import { codedDeclarationOf, codedFeaturesOf } from '#core/coded-features.ts'
import { FEATURES, type FeatureGroup, type FeatureValue, featuresOf } from '#core/features.ts'
import { Intake } from '#core/intake.ts'
import { CHANGE_FEATURE_NAMES, CHANGE_FEATURES, kineticUnit } from '#core/kinetic-features.ts'
import type { RegionKinetics } from '#core/kinetics.ts'
import type { Modality, Side } from '#core/modality.ts'
import type { ImageReport, Lesion, Marking, ReadImage, Report } from '#core/report.ts'
import type { LesionScore, RiskEstimate } from '#core/score.ts'
import type { View } from '#core/study.ts'
import { DIVERGING, SEQUENTIAL } from './colour-scale.ts'
import { composeReport, type ReportParts } from './compose.ts'
import type { Assets, ImageAsset } from './figures.ts'
import type { Plate } from './gallery.ts'
import type { KineticPictures } from './kinetics.ts'

/** Text that breaks out of markup wherever it is not escaped. */
export const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\${7*7}`

/** Of characters that small fonts lack, and a word without a place to break. */
export const LONG_NAME = `龑昳媱㛃_${'乳腺超声检查图像'.repeat(8)}_${'0123456789abcdef'.repeat(6)}.png`

function measured(group: Exclude<FeatureGroup, 'temporal'>, isCalibrated: boolean): Record<string, FeatureValue> {
  return Object.fromEntries(
    featuresOf(group).map((name): [string, FeatureValue] => {
      const { unit } = FEATURES[name]
      if (unit.startsWith('mm') && !isCalibrated) return [name, absent('no-pixel-spacing')]
      const isOnGrid = unit.startsWith('px') || (group === 'spatial' && !isCalibrated)
      return [name, { value: 12.34, unit, ...(isOnGrid ? { uncalibrated: true as const } : {}) }]
    }),
  )
}

function coded(group: Exclude<FeatureGroup, 'temporal'>): Record<string, { word: string; suggested?: true }> {
  return Object.fromEntries(
    codedFeaturesOf(group).map((name) => {
      const { values, isSuggested } = codedDeclarationOf(name)
      const word = Object.keys(values)[0] ?? ''
      return [name, isSuggested ? { word, suggested: true as const } : { word }]
    }),
  )
}

function lesion(number: number, isCalibrated: boolean): Lesion {
  const boundsPx = { left: 20 * number, top: 30 * number, width: 15, height: 10 }
  return {
    number,
    boundsPx,
    centroidPx: { x: boundsPx.left + 7, y: boundsPx.top + 5 },
    features: {
      location: { ...measured('location', isCalibrated), ...coded('location') },
      spatial: { ...measured('spatial', isCalibrated), ...coded('spatial') },
      temporal: absent('single-frame'),
      contrast: { ...measured('contrast', isCalibrated), ...coded('contrast') },
      contrastStandardised: measured('contrast', isCalibrated),
    } as Lesion['features'],
    score: absent('risk-not-validated'),
    confidence: {
      expectedDice: { value: 0.81, unit: '1' },
      outlineUncertaintyMm: isCalibrated ? { value: 1.2, unit: 'mm' } : absent('no-pixel-spacing'),
      outlineUncertaintyPx: { value: 12.3, unit: 'px', uncalibrated: true },
    },
  }
}

export interface SampleImage {
  readonly side: Side
  readonly view?: View
  readonly modality?: Modality
  readonly lesions?: number
  readonly isCalibrated?: boolean
  readonly over?: Partial<ReadImage>
}

export function readImage({
  side,
  view = 'CC',
  modality = 'MG',
  lesions = 1,
  isCalibrated = false,
  over,
}: SampleImage) {
  const id = `${side}-${view === 'unspecified' ? modality : view}`
  const image: ReadImage = {
    status: 'read',
    id,
    file: `${id}.png`,
    side,
    view,
    modality,
    sha256: 'a'.repeat(64),
    size: { width: 320, height: 400 },
    pixelSpacingMm: isCalibrated ? { x: 0.1, y: 0.1, source: 'entered' } : absent('no-pixel-spacing'),
    nipplePx: { x: 30, y: 200 },
    nippleProposal: absent('nipple-given'),
    pectoralMuscle: absent('not-for-this-view'),
    quality: [],
    standardisation: [
      { name: 'grey', parameters: { channels: 1, bits: 8 } },
      { name: 'squash', parameters: { size: 448 } },
    ],
    presence: modality === 'US' ? 0.91 : absent('no-normal-training-data'),
    sequence: absent('single-frame'),
    marking: {
      by: 'software',
      mask: `masks/${id}.png`,
      overlay: `overlays/${id}.png`,
      expectedDice: lesions === 0 ? absent('no-lesion-marked') : { value: 0.78, unit: '1' },
      lesions: Array.from({ length: lesions }, (_, i) => lesion(i + 1, isCalibrated)),
    },
    ...over,
  }
  return image
}

export function sampleReport(images: readonly ImageReport[], over: Partial<ReportParts> = {}): Report {
  return composeReport({
    study: { id: 'sample-1', date: '2026-03-01' },
    softwareVersion: '0.1.0',
    createdAt: new Date('2026-03-01T08:00:00Z'),
    model: {
      id: 'sample-model',
      sha256: 'b'.repeat(64),
      validatedModalities: ['US', 'MG'],
      figures: [{ modality: 'US', set: 'sample', images: 97, meanDice: 0.75, interval: [0.7, 0.8] }],
      confidence: [{ modality: 'US', of: 'region', examples: 120, calibrationError: 0.03, correlation: 0.8 }],
      limits: [{ zh: '示例', en: 'A sample' }],
    },
    images,
    refused: [],
    comparison: absent('no-mirrored-view'),
    ...over,
  })
}

const TIMES_S = [0, 1.5, 3, 4.5, 6, 7.5]
const course = (height: number) => ({
  timesS: TIMES_S,
  signal: TIMES_S.map((time) => 0.8 - height * time),
  change: TIMES_S.map((time) => height * Math.max(0, time - 1.5)),
})

function overTime(channel: string, contralateralCurve: RegionKinetics['contralateralCurve']): RegionKinetics {
  const values = CHANGE_FEATURE_NAMES.map((name) => {
    return [name, { value: 0.1234, unit: kineticUnit(CHANGE_FEATURES[name].dimension, '1') }] as const
  })
  const changes = Object.fromEntries(values) as RegionKinetics['region']
  const noAgent = absent('no-contrast-agent')
  return {
    channel,
    changeUnit: '1',
    curve: course(0.03),
    referenceCurve: course(0.01),
    contralateralCurve,
    region: changes,
    lessReference: { ...changes, slopeAfter: absent('extremum-at-end') },
    referenceCorrelation: { value: 0.9, unit: '1' },
    lessContralateral: isAbsent(contralateralCurve)
      ? (Object.fromEntries(CHANGE_FEATURE_NAMES.map((name) => [name, contralateralCurve])) as typeof changes)
      : changes,
    contralateralCorrelation: isAbsent(contralateralCurve) ? contralateralCurve : { value: 0.8, unit: '1' },
    percentEnhancement: noAgent,
    signalEnhancementRatio: noAgent,
    curveType: noAgent,
    initialRise: noAgent,
  }
}

/** An optical recording in which a doctor outlined a region. @param other curve of its mirrored place, or why there is none. */
function recorded(side: Side, other: RegionKinetics['contralateralCurve']): ReadImage {
  const image = readImage({ side, view: 'frontal', modality: 'OT' })
  const byDoctor = absent('outlined-by-doctor')
  const { mask, overlay } = image.marking as Marking
  const [only] = (image.marking as Marking).lesions
  const temporal = ['LED 1', 'LED 2', 'LED 3'].map((led) => overTime(led, other))
  return {
    ...image,
    presence: byDoctor,
    standardisation: byDoctor,
    sequence: {
      kind: 'optical',
      signalUnit: '1',
      channels: 3,
      frames: TIMES_S.length,
      baselineFrames: 2,
      durationS: 7.5,
      motion: [{ channel: 'LED 1', largestShiftPx: 0.31, largestResidualPx: 0.12 }],
      isCompensated: false,
    },
    marking: {
      by: 'doctor',
      mask,
      overlay,
      expectedDice: byDoctor,
      lesions: [{ ...only!, features: { ...only!.features, temporal } }],
    },
  }
}

const VIEWS = ['CC', 'MLO'] as const
const bothSides = (image: Omit<SampleImage, 'side'>) =>
  (['R', 'L'] as const).flatMap((side) => VIEWS.map((view) => readImage({ ...image, side, view })))
const notValidated = absent('modality-not-validated')
const notJudged = absent('not-this-modality')

/** A frontal thermogram whose nipple nobody gave. */
function unconfirmed(side: Side, nippleProposal: ReadImage['nippleProposal'], isBilateral?: true): ReadImage {
  const nipplePx = absent(isAbsent(nippleProposal) ? 'nipple-not-given' : 'nipple-not-confirmed')
  const over = { presence: notValidated, marking: notValidated, standardisation: notValidated }
  return readImage({ side, view: 'frontal', modality: 'TG', over: { ...over, nipplePx, nippleProposal, isBilateral } })
}

/** An ultrasound whose one region has a score. */
function scored(
  side: Side,
  {
    probability,
    category,
    ...of
  }: Pick<LesionScore, 'score' | 'band'> & Pick<RiskEstimate, 'probability' | 'category'>,
): ReadImage {
  const image = readImage({ side, view: 'unspecified', modality: 'US' })
  const score: LesionScore = {
    ...of,
    logit: 0.4,
    reasons: [
      { term: 'solidity', value: { value: 0.81, unit: '1', uncalibrated: true }, contribution: 0.9 },
      { term: 'presence', value: { value: 0.91, unit: '1' }, contribution: -0.5 },
      { term: 'posteriorAcousticRatio', value: absent('surroundings-not-visible'), contribution: 0 },
    ],
    estimate: { prevalence: 0.05, probability, category },
  }
  if (isAbsent(image.marking)) return image
  return {
    ...image,
    marking: { ...image.marking, lesions: image.marking.lesions.map((lesion) => ({ ...lesion, score })) },
  }
}

/** One report for each state that a reader can meet. */
export const SAMPLES: Readonly<Record<string, Report>> = {
  'mammography of both sides': sampleReport(bothSides({}), {
    comparison: [
      {
        modality: 'MG',
        view: 'CC',
        images: { L: 'L-CC', R: 'R-CC' },
        values: {
          markedCountDifference: { value: -1, unit: '1' },
          markedFractionDifference: { value: 3.2, unit: '%' },
          brightnessAsymmetry: { value: -0.04, unit: '1' },
          breastAreaAsymmetry: absent('no-pixel-spacing'),
          intensityDifference: { value: -0.021, unit: '1' },
          textureDifference: { value: 0.0042, unit: '1' },
          temperatureDifference: absent('not-for-this-modality'),
        },
      },
    ],
    breasts: { R: { density: 'c' }, L: { density: 'b', echotexture: 'heterogeneous' } },
    biomarkers: [
      { marker: 'ER', value: 90, unit: '%', side: 'R', date: '2026-02-20' },
      { marker: 'HER2-IHC', value: 2, unit: '{score}', side: 'R' },
      { marker: 'CA15-3', value: 18.4, unit: 'U/mL' },
    ],
  }),
  'one calibrated ultrasound': sampleReport([
    readImage({ side: 'L', view: 'unspecified', modality: 'US', isCalibrated: true }),
  ]),
  'nothing marked': sampleReport(bothSides({ lesions: 0 })),
  'ten regions on one image': sampleReport(bothSides({ lesions: 10 })),
  'poor pictures': sampleReport(
    bothSides({
      over: {
        quality: [
          { code: 'blurred', severity: 'repeat', value: 2, limit: 1 },
          { code: 'marks-over-tissue', severity: 'note', value: 2, limit: 1 },
          { code: 'unfamiliar', severity: 'note', value: 1, limit: 2 },
        ],
      },
    }),
  ),
  'an image that is not judged': sampleReport([
    readImage({ side: 'R', view: 'unspecified', modality: 'US' }),
    readImage({
      side: 'L',
      view: 'unspecified',
      modality: 'US',
      over: { presence: notJudged, marking: notJudged, standardisation: notJudged },
    }),
  ]),
  'a modality that was not validated': sampleReport(
    bothSides({
      modality: 'TG',
      over: { presence: notValidated, marking: notValidated, standardisation: notValidated },
    }),
  ),
  'a nipple that is proposed, and one that is not found': sampleReport([
    unconfirmed('R', { point: { x: 120.5, y: 210 }, confidence: 0.53, validated: true }),
    unconfirmed('L', absent('nipple-not-found')),
  ]),
  'one thermogram of both breasts': sampleReport([
    unconfirmed('R', { point: { x: 120.5, y: 210 }, confidence: 0.53, validated: true }, true),
    unconfirmed('L', absent('nipple-not-found'), true),
  ]),
  'an oblique mammogram with a muscle and a proposed nipple': sampleReport([
    readImage({
      side: 'R',
      view: 'MLO',
      over: {
        pectoralMuscle: {
          edgePx: [
            { x: 140, y: 0 },
            { x: 0, y: 180 },
          ],
        },
        nipplePx: absent('nipple-not-confirmed'),
        nippleProposal: { point: { x: 280.5, y: 240 }, confidence: 0.42, validated: false },
      },
    }),
  ]),
  'an unreadable image and one of unknown side': sampleReport(
    [
      readImage({ side: 'R' }),
      { status: 'unreadable', id: 'L-CC', file: 'L.png', side: 'L', view: 'CC', modality: 'MG', code: 'IMAGE_EMPTY' },
    ],
    { refused: [{ file: 'x.png', reason: 'side-unknown', code: 'SIDE_UNKNOWN' }] },
  ),
  'an optical recording over time': sampleReport([
    recorded('R', course(0.015)),
    recorded('L', absent('breasts-not-alike')),
  ]),
  'an intake with red flags': sampleReport([readImage({ side: 'L', view: 'unspecified', modality: 'US' })], {
    intake: {
      answers: Intake.parse({ ageYears: 52, sex: 'female', lump: { L: 'yes', R: 'no' }, pregnancy: 'neither' }),
      redFlags: [
        { code: 'lump', sides: ['L'] },
        { code: 'family-history', sides: [] },
      ],
      limits: ['implant'],
    },
  }),
  'a score of two sides, at a stated prevalence': sampleReport([
    scored('R', { score: 34.2, band: 'lower', probability: 0.012, category: '3' }),
    scored('L', { score: 99.7, band: 'higher', probability: 0.62, category: '4C' }),
  ]),
  'no image at all': sampleReport([]),
  'six ultrasounds, five of one side': sampleReport(
    (['R', 'R', 'R', 'R', 'R', 'L'] as const).map((side, i) =>
      readImage({
        side,
        view: 'unspecified',
        modality: 'US',
        lesions: i % 3,
        over: { id: `${side}-US-${i}`, file: `${side}_${i}.png` },
      }),
    ),
  ),
  'long names with rare characters': sampleReport(
    (['R', 'L'] as const).map((side) => readImage({ side, over: { file: `${side}_${LONG_NAME}` } })),
    { study: { id: 'x'.repeat(64) }, refused: [{ file: LONG_NAME, reason: 'side-unknown', code: 'SIDE_UNKNOWN' }] },
  ),
  'hostile text': sampleReport(
    [
      readImage({ side: 'R', over: { file: HOSTILE } }),
      { status: 'unreadable', id: 'L', file: HOSTILE, side: 'L', view: 'CC', modality: 'MG', code: 'IMAGE_EMPTY' },
    ],
    {
      study: { id: 'sample-1', note: HOSTILE },
      refused: [{ file: HOSTILE, reason: 'laterality-conflict', code: 'LATERALITY_CONFLICT' }],
      model: {
        id: HOSTILE,
        sha256: 'b'.repeat(64),
        validatedModalities: [],
        figures: [{ modality: 'US', set: HOSTILE, images: 1, meanDice: 0.5 }],
        confidence: [],
        limits: [{ zh: HOSTILE, en: HOSTILE }],
      },
    },
  ),
}

/** One black pixel for every picture, a triangle for every outline. */
export function assetsOf({ sides }: Report): Assets {
  const read = [...sides.R.images, ...sides.L.images].filter((image) => image.status === 'read')
  return new Map(read.map((image): [string, ImageAsset] => [image.id, assetOf(image)]))
}

function assetOf({ marking, sequence }: ReadImage): ImageAsset {
  const lesions = 'absent' in marking ? [] : marking.lesions
  return {
    href: PIXEL,
    ...(isAbsent(sequence) ? {} : { kinetics: MAPS }),
    outlines: lesions.map(({ boundsPx: { left, top, width, height } }) => [
      { x: left, y: top + height },
      { x: left + width / 2, y: top },
      { x: left + width, y: top + height },
    ]),
  }
}

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='

const MAPS: KineticPictures = {
  channel: 'LED 2',
  maps: [
    { name: 'extremum', scale: DIVERGING, low: -0.1, high: 0.1, unit: '1', href: PIXEL },
    { name: 'timeToExtremumS', scale: SEQUENTIAL, low: 0, high: 6, unit: 's', href: PIXEL },
    { name: 'slopeBefore', scale: DIVERGING, low: -0.02, high: 0.02, unit: '/s', href: PIXEL },
  ],
}

/** One black pixel enlarged, with a triangle for each hand. */
export function samplePlate(id: string): Plate {
  const triangle = (x: number) => [
    [
      { x, y: 80 },
      { x: x + 20, y: 30 },
      { x: x + 40, y: 80 },
    ],
  ]
  return {
    id,
    notes: [],
    drawing: {
      size: { width: 160, height: 120 },
      href: PIXEL,
      outlines: { doctor: triangle(40), first: triangle(50), second: triangle(60) },
    },
    readings: [
      { hand: 'first', dice: 0.8, iou: 0.667, presence: 0.9, marked: true },
      { hand: 'second', dice: 0.5, iou: 0.333, presence: null, marked: true },
    ],
  }
}
