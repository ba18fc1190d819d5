import { expect, test } from 'vitest'
import { type ImageEvaluation, toFigure } from './evaluate.ts'
import { parseManifest } from './manifest.ts'

const { rows } = parseManifest(
  'id,image,mask,class,split,near_duplicate_of\nlesion,a.png,a.png,benign,val,other\nnormal,b.png,,normal,val,\n',
  { folder: '/data/clinic', modality: 'US' },
)
const evaluation = (lesion: boolean, presence: number | null): ImageEvaluation => ({
  image: { row: rows[lesion ? 0 : 1]!, imageSha256: '', maskSha256: '', lesion },
  mask: lesion ? { dice: 0.8, iou: 2 / 3 } : { dice: 0, iou: 0 },
  maskAreaPx: 50,
  truthAreaPx: lesion ? 60 : 0,
  presence,
  expectedIou: 0.7,
  softDice: 0.75,
  regions: [],
  milliseconds: 300,
})

test('below the presence threshold a user gets an empty mask: right on a normal image, wrong on a lesion', () => {
  expect(toFigure(evaluation(true, 0.2), 0.5)).toMatchObject({ dice: 0, iou: 0, predictedAreaPx: 0 })
  expect(toFigure(evaluation(false, 0.2), 0.5)).toMatchObject({ dice: 1, iou: 1, predictedAreaPx: 0 })
})

test('at or above it, without a gate, or without a presence the mask stands', () => {
  expect(toFigure(evaluation(true, 0.5), 0.5)).toMatchObject({ dice: 0.8, predictedAreaPx: 50 })
  expect(toFigure(evaluation(true, 0.2), null)).toMatchObject({ dice: 0.8, predictedAreaPx: 50 })
  expect(toFigure(evaluation(false, null), 0.5)).toMatchObject({ dice: 0, predictedAreaPx: 50 })
})

test('a near-duplicate does not count in the headline', () => {
  expect(toFigure(evaluation(true, 1), null).headline).toBe(false)
  expect(toFigure(evaluation(false, 1), null).headline).toBe(true)
})
