import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import type { Energy, StudyImage } from '#core/study.ts'
import { standardise } from '#imaging/standardise.ts'
import { findLesions } from './find-lesions.ts'
import type { Segmented, Segmenter } from './segment.ts'

const SIZE = { width: 40, height: 30 }
const raster: RasterImage = { ...SIZE, channels: 1, bitDepth: 8, data: new Uint8Array(1200).fill(90) }
const marked: Segmented = { mask: Mask.empty(SIZE), presence: 0.25, expectedDice: 0.5, regions: [] }

/** Of a model that was validated on subtracted images of contrast mammography alone. */
const segmenter: Segmenter = {
  isValidatedOn: (modality, energy) => modality === 'MG' && energy === 'subtracted',
  judge: () => 'judgeable',
  standardise: (image, modality) => standardise(image, DEFAULT_PREPROCESSING[modality]),
  segment: async () => marked,
}

function found(modality: Modality, energy: Energy | undefined) {
  const image: StudyImage = { file: 'a.png', side: 'L', view: 'CC', modality, energy }
  return findLesions(raster, image, (standardised) => segmenter.segment(standardised, modality), segmenter)
}

test('a model marks the exposures that it was validated on, and on no others is it asked', async () => {
  expect(await found('MG', 'subtracted')).toMatchObject({ presence: 0.25, mask: marked.mask, isUnfamiliar: false })
  for (const [modality, energy] of [
    ['MG', 'low-energy'],
    ['MG', undefined],
    ['TG', undefined],
  ] as const) {
    const reason = absent('modality-not-validated')
    expect(await found(modality, energy)).toMatchObject({ mask: reason, presence: reason, steps: reason, regions: [] })
  }
})
