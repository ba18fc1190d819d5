import { expect, test } from 'vitest'
import { type ImageFigure, printSummary, Summary, summarise } from './summary.ts'

const lesion: ImageFigure = {
  id: 'a',
  modality: 'US',
  class: 'benign',
  lesion: true,
  headline: true,
  cluster: 'a',
  dice: 0.8,
  iou: 2 / 3,
  presence: 0.9,
  predictedAreaPx: 100,
}
const normal: ImageFigure = {
  ...lesion,
  id: 'n',
  cluster: 'n',
  class: 'normal',
  lesion: false,
  dice: 1,
  iou: 1,
  presence: 0.1,
  predictedAreaPx: 0,
}
const figures: ImageFigure[] = [
  lesion,
  { ...lesion, id: 'b', cluster: 'a', headline: false, dice: 0.2, iou: 1 / 9 },
  { ...lesion, id: 'c', cluster: 'c', class: 'malignant', dice: 0.6, iou: 3 / 7 },
  normal,
  { ...normal, id: 'm', cluster: 'm', dice: 0, iou: 0, presence: 0.95, predictedAreaPx: 5 },
]

test('the headline leaves near-duplicates out and the figure over all rows stands beside it', () => {
  const summary = summarise(figures, 1)
  expect(summary.headline.lesionImages?.images).toBe(2)
  expect(summary.headline.lesionImages?.dice.mean).toBeCloseTo(0.7, 12)
  expect(summary.allRows.lesionImages?.images).toBe(3)
  expect(summary.allRows.lesionImages?.dice.mean).toBeCloseTo(1.6 / 3, 12)
})

test('lesion images, all images and false positives on normals are three figures', () => {
  const { allRows } = summarise(figures, 1)
  expect(allRows.allImages?.dice.mean).toBeCloseTo(2.6 / 5, 12)
  expect(allRows.falsePositives).toMatchObject({ normals: 2, called: 1, rate: 0.5 })
  expect(allRows.presenceAuc?.auc).toBeCloseTo(0.5, 12)
  expect(Object.keys(allRows.perClass)).toEqual(['benign', 'malignant', 'normal'])
})

test('what has no image or no presence is absent, never 0 or 1', () => {
  const { headline } = summarise([{ ...lesion, presence: null }], 1)
  expect(headline.falsePositives).toBeNull()
  expect(headline.presenceAuc).toBeNull()
  expect(summarise([], 1).allRows.lesionImages).toBeNull()
})

test('each modality has figures of its own', () => {
  const summary = summarise([...figures, { ...lesion, modality: 'MG', cluster: 'p', dice: 0.4, iou: 0.25 }], 1)
  expect(summary.perModality.MG?.allRows.lesionImages?.dice.mean).toBeCloseTo(0.4, 12)
  expect(summary.perModality.US?.allRows.lesionImages?.images).toBe(3)
  expect(printSummary(summary)).toContain('MG, headline')
})

test('the same images have the same interval wherever they stand', () => {
  const { headline, allRows, perModality } = summarise(
    figures.filter((figure) => figure.headline),
    1,
  )
  expect(allRows).toEqual(headline)
  expect(perModality.US?.headline).toEqual(headline)
})

test('a summary fits its published schema and prints its counts', () => {
  const summary = summarise(figures, 1)
  expect(Summary.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  expect(printSummary(summary)).toContain('normals called   1 of 2 = 50.0% [1.3, 98.7]')
})
