import { existsSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dependencies, type Fold, foldsOf, printCrossValidation, sumUpFolds } from './cross-validation.ts'
import type { DatasetImage } from './dataset.ts'
import { readManifest } from './manifest.ts'
import { areaUnderRoc, mean } from './metrics.ts'
import type { ImageFigure } from './summary.ts'

const DATA = process.env.ZAOSHAI_DATA ?? path.resolve(import.meta.dirname, '../../../shared/data')

const name = (prefix: string) => fc.option(fc.integer({ min: 0, max: 25 }).map((n) => `${prefix}${n}`))
const drawn = fc.record({
  dataset: fc.constantFrom('clinic', 'hospital'),
  class: fc.constantFrom('benign' as const, 'malignant' as const, 'normal' as const),
  split: fc.constantFrom('train' as const, 'val' as const),
  group: name('g'),
  patient: name('p'),
  twin: fc.option(fc.integer({ min: 0, max: 40 })),
  picture: fc.integer({ min: 0, max: 200 }),
})
const dataset = fc.array(drawn, { minLength: 1, maxLength: 80 }).map((rows) => rows.map(imageOf))
const count = fc.integer({ min: 2, max: 6 })

function imageOf(drawn: Partial<DrawnRow>, i: number): DatasetImage {
  const { twin = null, picture = 1000 + i, ...columns } = drawn
  const row = {
    ...{
      id: String(i),
      line: i + 2,
      imageFile: `${i}.png`,
      maskFile: null,
      class: 'benign' as const,
      split: 'train' as const,
    },
    ...{ group: null, classConflict: false, patient: null, side: null, view: null, energy: null, dataset: 'clinic' },
    companionFile: null,
    cluster: String(i),
    ...{ modality: 'US' as const, nearDuplicateOf: twin === null ? null : String(twin), ...columns },
  }
  return { row, imageSha256: `sha${picture}`, maskSha256: '', lesion: row.class !== 'normal' }
}
interface DrawnRow {
  readonly dataset: string
  readonly class: DatasetImage['row']['class']
  readonly split: 'train' | 'val'
  readonly group: string | null
  readonly patient: string | null
  readonly twin: number | null
  readonly picture: number
}

/** Folds, or undefined where the images cannot fill them. */
function tryFolds(images: readonly DatasetImage[], k: number, seed: number): Fold[] | undefined {
  try {
    return foldsOf(images, k, seed)
  } catch (error) {
    expect(error).toMatchObject({ code: 'TRAINING_DATA_UNFIT', facts: { folds: k } })
    return undefined
  }
}

test('every image is validated in one fold and trains in all others', () => {
  fc.assert(
    fc.property(dataset, count, fc.integer(), (images, k, seed) => {
      const folds = tryFolds(images, k, seed)
      fc.pre(folds !== undefined)
      expect(folds.map(({ number }) => number)).toEqual(Array.from({ length: k }, (_, i) => i + 1))
      for (const i of images.keys()) {
        expect(folds.map((fold) => fold.images[i]!.row.id)).toEqual(Array(k).fill(images[i]!.row.id))
        expect(folds.filter((fold) => fold.images[i]!.row.split === 'val')).toHaveLength(1)
      }
    }),
  )
})

test('no patient, group, near-duplicate or copy of a picture is both trained and validated on', () => {
  const ties: ((image: DatasetImage) => string | null)[] = [
    ({ row }) => row.patient && `${row.dataset} ${row.patient}`,
    ({ row }) => row.group && `${row.dataset} ${row.group}`,
    ({ imageSha256 }) => imageSha256,
  ]
  fc.assert(
    fc.property(dataset, count, fc.integer(), (images, k, seed) => {
      const folds = tryFolds(images, k, seed)
      fc.pre(folds !== undefined)
      for (const { images } of folds) {
        for (const tie of ties) {
          const tied = Map.groupBy(
            images.filter((image) => tie(image) !== null),
            tie,
          )
          for (const of of tied.values()) expect(new Set(of.map(({ row }) => row.split)).size).toBe(1)
        }
        const splits = new Map(images.map(({ row }) => [`${row.dataset} ${row.id}`, row.split]))
        for (const { row } of images) {
          expect(splits.get(`${row.dataset} ${row.nearDuplicateOf}`) ?? row.split).toBe(row.split)
        }
      }
    }),
  )
})

test('what is tied through others is tied: a patient of two groups joins both, across names of one data set only', () => {
  const images = [
    { group: 'a' },
    { group: 'a', patient: 'p' },
    { patient: 'p', picture: 7 },
    { picture: 7, dataset: 'hospital' },
    { patient: 'p', dataset: 'hospital' },
    { twin: 0 },
    {},
  ].map(imageOf)
  const names = [...dependencies(images).values()]
  expect(new Set([0, 1, 2, 3, 5].map((i) => names[i])).size).toBe(1)
  expect(new Set(names).size).toBe(3)
})

test('classes of each data set are spread evenly over the folds', () => {
  const images = Array.from({ length: 200 }, (_, i) =>
    imageOf(
      { class: i % 4 === 0 ? 'malignant' : i % 4 === 1 ? 'normal' : 'benign', dataset: i < 80 ? 'clinic' : 'hospital' },
      i,
    ),
  )
  const strata = (fold: Fold) =>
    [
      ...Map.groupBy(
        fold.images.filter(({ row }) => row.split === 'val'),
        ({ row }) => `${row.dataset} ${row.class}`,
      ),
    ]
      .map(([stratum, of]) => `${stratum} ${of.length}`)
      .sort()
  const [first, ...others] = foldsOf(images, 5, 1).map(strata)
  expect(first).toHaveLength(6)
  for (const other of others) expect(other).toEqual(first)
})

test.skipIf(!existsSync(DATA))(
  'five folds of BUSI and CDD-CESM differ by three images of a class at most',
  async () => {
    const manifests = await Promise.all([
      readManifest(path.join(DATA, 'busi/manifest.csv'), 'US'),
      readManifest(path.join(DATA, 'cesm/manifest.csv'), 'MG'),
    ])
    const images = manifests.flatMap(({ rows }) =>
      rows.map((row): DatasetImage => {
        return { row, imageSha256: row.imageFile, maskSha256: '', lesion: row.class !== 'normal' }
      }),
    )
    const folds = foldsOf(images, 5, 1).map(({ images }) => images.filter(({ row }) => row.split === 'val'))
    for (const kind of ['busi benign', 'busi malignant', 'busi normal', 'cesm malignant']) {
      const sizes = folds.map((fold) => fold.filter(({ row }) => `${row.dataset} ${row.class}` === kind).length)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(3)
    }
  },
)

test('images that cannot fill the folds are refused before anything trains', () => {
  const images = [{ patient: 'p' }, { patient: 'p' }, { class: 'normal' as const }].map(imageOf)
  expect(() => foldsOf(images, 2, 1)).toThrow(/TRAINING_DATA_UNFIT.*fold=1, folds=2/)
})

const figure = (id: number, lesion: boolean, dice: number, presence: number): ImageFigure => ({
  ...{
    id: String(id),
    modality: 'US',
    class: lesion ? 'benign' : 'normal',
    lesion,
    headline: true,
    cluster: String(id),
  },
  ...{ dice, iou: dice / (2 - dice), presence, predictedAreaPx: 1 },
})
const result = (fold: number, figures: readonly ImageFigure[]) => {
  return { fold, modelSha256: String(fold), epochs: 3, bestEpoch: 1, figures }
}

test('all folds together are the mean over all images; the spread is over the folds', () => {
  const one = [figure(1, true, 0.5, 0.9), figure(2, true, 0.7, 0.4), figure(3, false, 0, 0.6)]
  const two = [figure(4, true, 0.9, 0.8), figure(5, false, 0, 0.1)]
  const { folds, spread, outOfFold, presenceGate } = sumUpFolds([result(1, one), result(2, two)], 1)
  expect(folds.map(({ dice, images, lesions, presenceAuc }) => [dice, images, lesions, presenceAuc])).toEqual([
    [0.6, 3, 2, 0.5],
    [0.9, 2, 1, 1],
  ])
  expect(spread.dice.mean).toBeCloseTo(0.75, 12)
  expect(spread.dice.sd).toBeCloseTo(0.3 / Math.SQRT2, 12)
  expect(spread.presenceAuc).toMatchObject({ lowest: 0.5, highest: 1 })
  expect(outOfFold.allRows.lesionImages?.dice.mean).toBeCloseTo(mean([0.5, 0.7, 0.9]), 12)
  expect(outOfFold.allRows.presenceAuc?.auc).toBe(areaUnderRoc([0.9, 0.4, 0.8], [0.6, 0.1]))
  expect(printCrossValidation({ folds, spread, outOfFold, presenceGate })).toMatch(
    /Dice +0\.750, sd 0\.212, 0\.600 to 0\.900/,
  )
})

test('folds without an image that is normal have no presence AUC', () => {
  const { folds, spread } = sumUpFolds(
    [result(1, [figure(1, true, 0.5, 0.9)]), result(2, [figure(2, true, 0.5, 0.9)])],
    1,
  )
  expect(folds.map(({ presenceAuc }) => presenceAuc)).toEqual([null, null])
  expect(spread.presenceAuc).toBe(null)
})
