import { expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { ReadImage } from '#core/report.ts'
import { highestScore, worseOf } from './highest-score.ts'
import { readImage } from './samples.ts'

function scored(scores: readonly number[]): ReadImage {
  const image = readImage({ side: 'R', view: 'unspecified', modality: 'US', lesions: scores.length })
  if (isAbsent(image.marking)) return image
  const lesions = image.marking.lesions.map((lesion, i) => ({
    ...lesion,
    score: {
      score: scores[i]!,
      band: 'lower' as const,
      logit: 0,
      reasons: [],
      estimate: absent('prevalence-not-stated'),
    },
  }))
  return { ...image, marking: { ...image.marking, lesions } }
}

test('the score of a side is its highest, of whichever image and region, whatever else was taken of it', () => {
  const images = [readImage({ side: 'R' }), scored([5, 80]), scored([60])]
  expect(highestScore('R', images)).toMatchObject({ score: 80, lesion: 2, image: 'R-US' })
})

test('a side without a score says why: not imaged, unreadable, nothing marked, not ultrasound', () => {
  const unreadable = {
    status: 'unreadable',
    id: 'x',
    file: 'x',
    side: 'R',
    view: 'CC',
    modality: 'US',
    code: 'IMAGE_EMPTY',
  } as const
  expect(highestScore('R', [])).toEqual(absent('not-imaged'))
  expect(highestScore('R', [unreadable])).toEqual(absent('unreadable'))
  expect(highestScore('R', [scored([])])).toEqual(absent('no-lesion-marked'))
  expect(highestScore('R', [readImage({ side: 'R' })])).toEqual(absent('risk-not-validated'))
  expect(highestScore('R', [readImage({ side: 'R' }), scored([])])).toEqual(absent('no-lesion-marked'))
})

test('the score of the woman is that of her worse side, also where the other has none', () => {
  const [low, high] = [highestScore('R', [scored([5])]), highestScore('L', [scored([80])])]
  expect([worseOf(low, high), worseOf(high, low)]).toEqual([high, high])
  expect([worseOf(absent('not-imaged'), low), worseOf(low, absent('not-imaged'))]).toEqual([low, low])
})
