import { describe, expect, test } from 'vitest'
import { ABSENCE_WORDS, absent, isAbsent } from '#core/absent.ts'
import { BIOMARKER_NAMES, type Biomarker, biomarkerOf } from '#core/biomarkers.ts'
import { BreastSentenceCode, DENSITIES, Density, ECHOTEXTURES, Echotexture } from '#core/breast-description.ts'
import { CODED_FEATURE_NAMES, codedDeclarationOf } from '#core/coded-features.ts'
import { COMPARISON_NAMES, COMPARISONS, declarationOf, FEATURE_NAMES } from '#core/features.ts'
import type { Modality } from '#core/modality.ts'
import type { Comparison, Lesion } from '#core/report.ts'
import { type BreastSentence, say } from './breast-sentences.ts'
import { type BreastParts, describeBreast, type OutlinedWarmth } from './describe-breast.ts'
import { readImage } from './samples.ts'

const FORBIDDEN = /benign|malignan|normal|negative|良性|恶性|正常|阴性|BI-?RADS/i

function comparison(over: Partial<Comparison['values']> = {}): Comparison {
  const none = COMPARISON_NAMES.map((name) => [name, absent('not-for-this-modality')])
  const values = { ...(Object.fromEntries(none) as Comparison['values']), ...over }
  return { modality: 'MG', view: 'CC', images: { L: 'L-CC', R: 'R-CC' }, values }
}

function parts(modality: Modality, over: Partial<BreastParts> = {}): BreastParts {
  const images = (['R', 'L'] as const).map((side) => readImage({ side, modality }))
  return { images, comparison: absent('no-mirrored-view'), ...over }
}

const pathology: Biomarker[] = BIOMARKER_NAMES.filter((name) => biomarkerOf(name).kind === 'pathology').map(
  (marker) => ({
    marker,
    value: 3,
    unit: biomarkerOf(marker).unit,
    side: 'L',
    date: '2026-02-20',
  }),
)

const WARM: OutlinedWarmth = {
  side: 'L',
  image: 'L-frontal',
  region: 1,
  aboveSurroundings: { value: 1.25, unit: 'Cel' },
  aboveMirrored: { value: -0.31, unit: 'Cel' },
}

/** Descriptions in which every sentence comes up. */
const EVERY: readonly BreastSentence[] = [
  ...Density.options.flatMap((density) => describeBreast('L', parts('MG', { breasts: { L: { density } } })).sentences),
  ...Echotexture.options.flatMap(
    (echotexture) => describeBreast('L', parts('US', { breasts: { L: { echotexture } } })).sentences,
  ),
  ...(['MG', 'US', 'TG'] as const).flatMap((modality) => describeBreast('R', parts(modality)).sentences),
  ...describeBreast(
    'L',
    parts('US', { vascularity: [{ side: 'L', image: 'L-US', region: 1, index: { value: 12.3, unit: '%' } }] }),
  ).sentences,
  ...describeBreast('L', parts('MG', { biomarkers: pathology })).sentences,
  ...describeBreast('L', parts('TG', { hotspots: [WARM, { ...WARM, aboveMirrored: absent('no-mirrored-view') }] }))
    .sentences,
  ...describeBreast(
    'L',
    parts('TG', {
      comparison: [
        comparison({
          intensityDifference: { value: 0.021, unit: '1' },
          textureDifference: { value: 0.0042, unit: '1' },
          temperatureDifference: { value: 0.31, unit: 'Cel' },
        }),
      ],
    }),
  ).sentences,
]

test('every code has a sentence in both languages, and none says what the software may not say', () => {
  expect(new Set(EVERY.map(({ code }) => code))).toEqual(new Set(BreastSentenceCode.options))
  for (const { words } of EVERY) {
    expect(words.zh).toMatch(/[\u4e00-\u9fff].*。$/)
    expect(words.en).toMatch(/^[A-Z].*\.$/)
    expect(words.en).not.toMatch(/[\u4e00-\u9fff]|undefined|NaN/)
    expect(FORBIDDEN.exec(words.zh + words.en)?.[0]).toBeUndefined()
  }
})

test('no label, method, code or reason says what the software may not say', () => {
  const mass = CODED_FEATURE_NAMES.flatMap((name) => Object.values(codedDeclarationOf(name).values))
  const coded = [...Object.values(DENSITIES), ...Object.values(ECHOTEXTURES), ...mass].flatMap(({ words, code }) => [
    ...Object.values<string>(words),
    code?.meaning ?? '',
  ])
  const labels = [
    ...FEATURE_NAMES.map((name) => declarationOf(name).label),
    ...COMPARISON_NAMES.map((name) => COMPARISONS[name].label),
    ...CODED_FEATURE_NAMES.map((name) => codedDeclarationOf(name).label),
    ...BIOMARKER_NAMES.map((name) => biomarkerOf(name).label),
    ...Object.values(ABSENCE_WORDS),
  ].flatMap(({ zh, en }) => [zh, en])
  for (const text of [...coded, ...labels]) expect(FORBIDDEN.exec(text)?.[0]).toBeUndefined()
})

describe('what a doctor did not enter is not made up', () => {
  test('density and echotexture are absent with the reason why the software gives none', () => {
    const mammogram = describeBreast('L', parts('MG'))
    expect([mammogram.density, mammogram.echotexture]).toEqual([
      absent('density-not-validated'),
      absent('not-for-this-modality'),
    ])
    const scan = describeBreast('L', parts('US'))
    expect([scan.density, scan.echotexture]).toEqual([
      absent('not-for-this-modality'),
      absent('echotexture-not-validated'),
    ])
    expect(scan.vascularity).toEqual(absent('no-colour-doppler'))
  })
  test('hot spots never are without an outline, on whatever image', () => {
    for (const modality of ['MG', 'US', 'TG', 'OT'] as const) {
      expect(describeBreast('L', parts(modality)).hotspots).toHaveProperty('absent')
    }
  })
})

test('what was entered stands with its code, on its own side, and is said to be entered', () => {
  const given = parts('MG', { breasts: { R: { density: 'd' } }, biomarkers: pathology })
  const [right, left] = [describeBreast('R', given), describeBreast('L', given)]
  expect(right.density).toEqual({ value: 'd', source: 'entered', code: DENSITIES.d.code })
  expect(right.biomarkers).toEqual([])
  expect(left.density).toEqual(absent('density-not-validated'))
  expect(left.biomarkers).toEqual(pathology)
  expect(right.sentences[0]).toEqual(say('density-entered', 'd'))
})

test('a difference is said of the breast that has more, once; one that prints as 0 is not said', () => {
  const of = (value: number) => parts('MG', { comparison: [comparison({ intensityDifference: { value, unit: '1' } })] })
  const said = (side: 'L' | 'R', value: number) =>
    describeBreast(side, of(value)).sentences.some(({ code }) => code === 'brighter-than-other')
  expect([said('L', 0.02), said('R', 0.02)]).toEqual([true, false])
  expect([said('L', -0.02), said('R', -0.02)]).toEqual([false, true])
  expect([said('L', 0.0004), said('R', -0.0004)]).toEqual([false, false])
})

describe('the words that rules suggest for a region', () => {
  const told = (over: Partial<Lesion['features']['spatial']> = {}, count = 1) => {
    const image = readImage({ side: 'L', view: 'unspecified', modality: 'US', lesions: count })
    if (isAbsent(image.marking)) throw new Error(image.marking.absent)
    const lesions = image.marking.lesions.map(({ features, ...lesion }) => ({
      ...lesion,
      features: { ...features, spatial: { ...features.spatial, ...over } },
    }))
    const images = [{ ...image, marking: { ...image.marking, lesions } }]
    return describeBreast('L', parts('US', { images }))
      .sentences.filter(({ code }) => code === 'region-words')
      .map(({ words }) => words.en)
  }

  test('are said in one sentence, those that are absent left out, and are said to be suggested', () => {
    const start = 'Image L-US, region 1, suggested by rule for a doctor to confirm: '
    expect(told()).toEqual([`${start}oval, parallel, circumscribed, no posterior features.`])
    const software = { shape: absent('outline-not-by-doctor'), margin: absent('outline-not-by-doctor') }
    expect(told(software)).toEqual([`${start}parallel, no posterior features.`])
    expect(told({ shape: { word: 'irregular', suggested: true } })[0]).toContain(': irregular, parallel')
  })

  test('are said of the three regions that have a table of their own', () => {
    expect(told({}, 5)).toHaveLength(3)
  })

  test('are not said where there are none', () => {
    const image = readImage({ side: 'L', modality: 'US', lesions: 0 })
    expect(describeBreast('L', parts('US', { images: [image] })).sentences.map(({ code }) => code)).not.toContain(
      'region-words',
    )
  })
})

test('a warm place that a doctor outlined is told in degrees, on its own side alone', () => {
  const { hotspots, sentences } = describeBreast('L', parts('TG', { hotspots: [WARM] }))
  expect(hotspots).toEqual([
    { image: 'L-frontal', region: 1, aboveSurroundings: WARM.aboveSurroundings, aboveMirrored: WARM.aboveMirrored },
  ])
  const told = sentences.find(({ code }) => code === 'hotspot-outlined')!.words
  expect(told.en).toContain('1.25 °C warmer than its surroundings; 0.31 °C cooler than its mirrored place')
  expect(told.zh).toContain('比周围高 1.25 °C；比对侧镜像位置低 0.31 °C')
  expect(describeBreast('R', parts('TG', { hotspots: [WARM] })).hotspots).toEqual(absent('hotspots-not-validated'))
  expect(describeBreast('L', parts('US', { hotspots: [] })).hotspots).toEqual(absent('not-for-this-modality'))
})
