import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { frameOf } from '#imaging/frame.ts'
import type { ModalitySettings, ModelMetadata } from '#sam/model.ts'
import type { Prediction } from '#sam/predict.ts'
import { gatedOutline, isValidatedOn } from './segmenter.ts'

const SIDE = 112
const original = { width: 224, height: 112 }
const frame = frameOf(original, DEFAULT_PREPROCESSING.US)

/** Cells whose probability of lesion is `inside` on the left half of the image, `outside` on the right. */
function prediction(inside: number, outside: number, presence: Prediction['presence']): Prediction {
  const logit = (p: number) => Math.log(p / (1 - p))
  const maskLogits = Float32Array.from({ length: SIDE * SIDE }, (_, i) => logit(i % SIDE < SIDE / 2 ? inside : outside))
  return { maskLogits, maskSize: { width: SIDE, height: SIDE }, presence, iou: 0.5, impression: new Float32Array(768) }
}

const settings = (maskThreshold: number, presenceThreshold: ModalitySettings['presenceThreshold']) => ({
  preprocessing: DEFAULT_PREPROCESSING.US,
  maskThreshold,
  presenceThreshold,
})

test('the mask has the size of the original and holds the cells whose probability passes the threshold', () => {
  const mask = gatedOutline(prediction(0.45, 0.35, 0.9), frame, settings(0.4, 0))
  expect([mask.width, mask.height]).toEqual([224, 112])
  expect(mask.areaPx / (224 * 112)).toBeCloseTo(0.5, 2)
  expect(mask.data[0]).toBe(1)
  expect(mask.data[223]).toBe(0)
})

test('an image whose presence stays below the threshold gets an empty mask, one that reaches it does not', () => {
  expect(gatedOutline(prediction(0.9, 0.1, 0.29), frame, settings(0.4, 0.3)).areaPx).toBe(0)
  expect(gatedOutline(prediction(0.9, 0.1, 0.3), frame, settings(0.4, 0.3)).areaPx).toBeGreaterThan(0)
})

test('where the model gives no presence, nothing is gated', () => {
  const none = absent('no-normal-training-data')
  expect(gatedOutline(prediction(0.9, 0.1, none), frame, settings(0.4, none)).areaPx).toBeGreaterThan(0)
})

test('a speck of fewer than twelve cells is no region of its own', () => {
  const { maskLogits, ...rest } = prediction(0.9, 0.1, 0.9)
  for (const cell of [5 * SIDE + 100, 60 * SIDE + 80, 60 * SIDE + 81]) maskLogits[cell] = 5
  const whole = gatedOutline(prediction(0.9, 0.1, 0.9), frame, settings(0.4, 0.3))
  expect(gatedOutline({ ...rest, maskLogits }, frame, settings(0.4, 0.3)).data).toEqual(whole.data)
})

function model(modalities: ModelMetadata['modalities']) {
  return { metadata: { format: 1 as const, name: 'm', baseSha256: '', modalities, provenance: {}, figures: {} } }
}

test('a model of contrast mammography takes its two exposures and no plain mammogram', () => {
  const contrast = model({ MG: { ...settings(0.4, 0.5), energies: ['low-energy', 'subtracted'] } })
  expect(isValidatedOn(contrast, 'MG', 'low-energy')).toBe(true)
  expect(isValidatedOn(contrast, 'MG', 'subtracted')).toBe(true)
  expect(isValidatedOn(contrast, 'MG', undefined)).toBe(false)
})

test('a model of one exposure does not take the other', () => {
  const subtracted = model({ MG: { ...settings(0.4, 0.5), energies: ['subtracted'] } })
  expect(isValidatedOn(subtracted, 'MG', 'low-energy')).toBe(false)
})

test('a model whose mammograms named no exposure takes every mammogram, and nothing of another modality', () => {
  const plain = model({ MG: settings(0.4, 0.5) })
  expect(isValidatedOn(plain, 'MG', undefined)).toBe(true)
  expect(isValidatedOn(plain, 'US', undefined)).toBe(false)
})
