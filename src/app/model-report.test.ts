import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { ModelReport } from '#core/report.ts'
import type { ModelMetadata } from '#sam/model.ts'
import { type ImageFigure, summarise } from '#training/summary.ts'
import { modelReport } from './model-report.ts'

const metadata: ModelMetadata = {
  format: 1,
  name: 'clinic-1',
  baseSha256: 'b'.repeat(64),
  modalities: {
    MG: {
      preprocessing: DEFAULT_PREPROCESSING.MG,
      maskThreshold: 0.4,
      presenceThreshold: absent('no-normal-training-data'),
    },
    US: { preprocessing: DEFAULT_PREPROCESSING.US, maskThreshold: 0.4, presenceThreshold: 0.3 },
  },
  provenance: {},
  figures: {},
}

function figure(id: string, dice: number, headline: boolean): ImageFigure {
  const common = { modality: 'US', class: 'benign', lesion: true, presence: 0.9, predictedAreaPx: 10 } as const
  return { id, dice, iou: dice / 2, headline, cluster: id, ...common }
}

test('a report names the model, its modalities and the headline of each, near-duplicates left out', () => {
  const images = [figure('a', 0.5, true), figure('b', 0.7, true), figure('copy of b', 0.1, false)]
  const figures = JSON.parse(JSON.stringify({ split: 'val', ...summarise(images, 1) }))
  const report = ModelReport.parse(modelReport({ metadata: { ...metadata, figures }, sha256: 'a'.repeat(64) }))
  expect(report).toMatchObject({ id: 'clinic-1', sha256: 'a'.repeat(64), validatedModalities: ['US', 'MG'] })
  expect(report.figures).toHaveLength(1)
  expect(report.figures[0]).toMatchObject({ modality: 'US', images: 2, meanDice: 0.6 })
})

test('a modality without images of no lesion says that the model tends to mark any image', () => {
  const { limits } = modelReport({ metadata, sha256: 'a'.repeat(64) })
  expect(limits.map(({ en }) => en)).toEqual([
    expect.stringContaining('was not examined'),
    expect.stringMatching(/^Mammography: .* no image without a lesion/),
  ])
})

test('a model of contrast mammography says that plain mammograms are not what it was validated on', () => {
  const { MG } = metadata.modalities
  const contrast = { ...metadata, modalities: { MG: { ...MG!, energies: ['low-energy' as const] } } }
  const { limits } = modelReport({ metadata: contrast, sha256: 'a'.repeat(64) })
  expect(limits.map(({ en }) => en)).toContainEqual(expect.stringContaining('contrast mammography only'))
})

test('a model without figures gives none', () => {
  expect(modelReport({ metadata, sha256: 'a'.repeat(64) }).figures).toEqual([])
})
