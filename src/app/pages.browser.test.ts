import { afterAll, describe, expect, test } from 'vitest'
import type { Language } from '#core/words.ts'
import { openBrowser, openPage, violations } from '#report/browser.ts'
import { HOSTILE, samplePlate } from '#report/samples.ts'
import { DEFAULT_MODEL, type Model, readModelFile } from '#sam/model.ts'
import { sumUpFolds } from '#training/cross-validation.ts'
import type { HeldOutFigures } from '#training/held-out.ts'
import { comparePairs } from '#training/paired.ts'
import type { RobustnessRow } from '#training/robustness.ts'
import type { ImageFigure } from '#training/summary.ts'
import { crossValidationPage } from './cross-validation-page.ts'
import { cardOf, type ModelCard } from './models-card.ts'
import { comparisonPage } from './models-compare-page.ts'
import { cardPage } from './models-page.ts'
import { worstPage } from './worst-page.ts'

const browser = await openBrowser()
afterAll(() => browser?.close())

const MODEL: Pick<Model, 'metadata' | 'sha256'> = {
  sha256: 'a'.repeat(64),
  metadata: { format: 1, name: HOSTILE, baseSha256: 'b'.repeat(64), modalities: {}, provenance: {}, figures: {} },
}
const PLATES = ['a', 'b', HOSTILE].map(samplePlate)
const FACTS = { model: MODEL, split: 'val', dataHash: 'c'.repeat(64), images: 9 }

const share = { images: 9, counted: 8, interval95: { low: 0.5, high: 0.99 } }
const kept = { lesionsKept: share, normalsCalled: null }
const calibration = {
  ...{ examples: 9, expectedCalibrationError: 0.02, correlation: 0.7, meanAbsoluteError: 0.1 },
  bins: [{ examples: 9, expected: 0.7, observed: 0.68, interval95: { low: 0.6, high: 0.8 } }],
}
const HELD_OUT: HeldOutFigures = {
  dataHash: FACTS.dataHash,
  maskThreshold: {
    US: { threshold: 0.3, chosenOn: 9, outOfFoldDice: 0.6, curve: [{ threshold: 0.3, dice: 0.61 }] },
  },
  presenceGate: {
    US: { threshold: 0.1, goal: 0.95, level: 0.96, chosenOn: { val: 9 }, headline: kept, allRows: kept },
  },
  confidence: { US: { mask: calibration, region: calibration, outline: null } },
}
const change = { dice: 0.7, difference: -0.05, interval95: { low: -0.07, high: -0.03 } }
const BENT: RobustnessRow = {
  ...{ modality: 'US', kind: 'jpeg', strength: 30, lesionImages: 9 },
  ...{ whatUserGets: change, withoutPresenceGate: change, normals: { images: 4, called: 2, calledClean: 1 } },
}
const told = cardOf(await readModelFile(), DEFAULT_MODEL)
const CARD: ModelCard = {
  ...told,
  heldOut: HELD_OUT,
  measured: [{ ...told.figures!, split: 'test' }],
  robustness: [BENT],
}
const BARE = cardOf({ ...MODEL, bytes: 9, tensors: new Map() }, 'other.safetensors')

const figure = (id: string, dice: number): ImageFigure => ({
  ...{ id, modality: 'US', class: 'benign', lesion: id !== 'n', headline: true, cluster: id },
  ...{ dice, iou: dice / 2, presence: dice, predictedAreaPx: 9 },
})
const PAIRS = ['a', 'b', 'n'].map((id, i) => ({ first: figure(id, 0.5), second: figure(id, 0.2 * i) }))
const COMPARED = {
  models: { first: { name: HOSTILE, sha256: MODEL.sha256 }, second: { name: 'B', sha256: MODEL.sha256 } },
  split: 'val',
  dataHash: FACTS.dataHash,
  images: PAIRS.length,
  leftOut: [{ modality: 'MG', images: 3, model: HOSTILE }],
  badRows: [],
  comparison: comparePairs(PAIRS, 1),
  withoutPresenceGate: comparePairs(PAIRS, 1),
  verdicts: { US: 'too-few' },
} as const
/** Five folds of made-up figures; ultrasound has images without a lesion, mammography has none. */
const FOLDS = sumUpFolds(
  Array.from({ length: 5 }, (_, fold) => ({
    ...{ fold: fold + 1, modelSha256: 'd'.repeat(64), epochs: 9, bestEpoch: fold },
    figures: Array.from({ length: 9 }, (_, i) => {
      const modality = i % 3 === 2 ? ('MG' as const) : ('US' as const)
      const lesion = i % 3 !== 1
      return {
        ...{ id: `${fold}-${i}`, cluster: `${fold}-${i}`, modality, lesion, headline: i > 2, predictedAreaPx: 9 },
        ...{ class: lesion ? ('benign' as const) : ('normal' as const), dice: i / 9, iou: i / 12 },
        presence: modality === 'MG' ? null : 1 / (1 + i),
      }
    }),
  })),
  1,
)

const PAGES: Readonly<Record<string, (language: Language) => string>> = {
  'the worst images': (language) => worstPage({ ...FACTS, plates: PLATES, language }),
  'a model card': (language) => cardPage(CARD, language),
  'the card of a model that tells nothing': (language) => cardPage(BARE, language),
  'two models compared': (language) => comparisonPage(COMPARED, { gains: PLATES, losses: [] }, language),
  'a cross-validation': (language) =>
    crossValidationPage({ crossValidation: FOLDS, dataHash: 'c'.repeat(64), language }),
  'no image that is not perfect': (language) => worstPage({ ...FACTS, plates: [], language }),
}

describe.skipIf(browser === undefined).each(Object.entries(PAGES))('in a browser, the page of %s', (_, render) => {
  test.each(['zh', 'en'] as const)('has no accessibility violation that axe knows (%s)', async (language) => {
    const { page } = await openPage(browser!, render(language))
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  test('asks for nothing, runs nothing and fits a phone', async () => {
    const { page, requests, complaints } = await openPage(browser!, render('zh'), 390)
    expect(requests).toEqual([])
    expect(complaints).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.close()
  })
})

test.each(Object.entries(PAGES))('the page of %s says everything in both languages', (_, render) => {
  const page = render('en')
  expect(page.match(/class="zh"/g)?.length).toBe(page.match(/class="en"/g)?.length)
  expect(page).not.toMatch(/undefined|NaN|\[object|<script/)
})
