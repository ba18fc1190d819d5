import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import { initialAutomaticWeights } from './automatic.ts'
import { type ConfidenceMap, type Model, type ModelMetadata, openModel, parseModel, writeModel } from './model.ts'
import { openPredictor } from './predict.ts'
import { type BaseWeights, loadBaseWeights } from './weights.ts'

const MAP: ConfidenceMap = { intercept: -0.5, slope: 1.1, range: [0.2, 0.95] }
const PLAIN: Preprocessing = { size: 224, fit: 'squash', denoise: 'none', contrast: 'none' }

let base: BaseWeights
let metadata: ModelMetadata
let model: Model

beforeAll(async () => {
  base = await loadBaseWeights()
  metadata = {
    format: 1,
    name: 'untrained',
    baseSha256: base.id,
    modalities: {
      US: { preprocessing: PLAIN, maskThreshold: 0.5, presenceThreshold: 0.5, confidence: { mask: MAP, region: MAP } },
      MG: { preprocessing: PLAIN, maskThreshold: 0.5, presenceThreshold: { absent: 'no-normal-training-data' } },
    },
    provenance: { seed: 1 },
    figures: {},
  }
  model = parseModel(writeModel(untrained(), metadata), base, 'untrained.safetensors')
}, 300_000)

test('a model file holds only what it is given, in half precision, and stands on the base weights for the rest', () => {
  const changed = untrained()
  const samples = [...changed.values()].reduce((sum, { data }) => sum + data.length, 0)
  const bytes = writeModel(changed, metadata)
  expect(bytes.length).toBeLessThan(2 * samples + 8192)
  expect(model.weights.size).toBe(base.size + changed.size)
  expect(model.metadata).toEqual(metadata)
  const [name, { data }] = [...changed][0]!
  const read = model.weights.get(name)!.data
  for (let i = 0; i < data.length; i += 97) expect(read[i]).toBeCloseTo(data[i]!, 3)
})

test('the same bytes have the same hash, which names the model', () => {
  const again = parseModel(writeModel(untrained(), metadata), base, 'copy.safetensors')
  expect(again.sha256).toBe(model.sha256)
  expect(model.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('a model that was trained on other base weights is refused', () => {
  const other = writeModel(untrained(), { ...metadata, baseSha256: '0'.repeat(64) })
  expect(() => parseModel(other, base, 'other.safetensors')).toThrow(
    expect.objectContaining({ code: 'MODEL_BASE_MISMATCH' }),
  )
})

test('files that are no model are refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zaoshai-model-'))
  const file = join(folder, 'notes.safetensors')
  await writeFile(file, 'not a model')
  await expect(openModel(file)).rejects.toMatchObject({ facts: { file: 'notes.safetensors' } })
  await expect(openModel(join(folder, 'absent.safetensors'))).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  await rm(folder, { recursive: true })
})

test('a prediction has one logit a cell, a presence where it was learned and the reason where not', async () => {
  await using predictor = await openPredictor(model)
  const ultrasound = await predictor.predict(picture(), 'US')
  expect(ultrasound.maskLogits.length).toBe(56 * 56)
  expect(ultrasound.maskLogits.every(Number.isFinite)).toBe(true)
  expect(ultrasound.presence).toBeGreaterThan(0)
  expect(ultrasound.presence).toBeLessThan(1)
  const mammogram = await predictor.predict(picture(), 'MG')
  expect(mammogram.presence).toEqual({ absent: 'no-normal-training-data' })
})

test('the same image gives the same prediction, bit for bit', async () => {
  await using predictor = await openPredictor(model)
  expect(await predictor.predict(picture(), 'US')).toEqual(await predictor.predict(picture(), 'US'))
})

test('a modality that the model does not list is refused, and so is an image of another size', async () => {
  await using predictor = await openPredictor(model)
  await expect(predictor.predict(picture(), 'TG')).rejects.toMatchObject({ code: 'MODALITY_NOT_VALIDATED' })
  const small = GreyImage.from(new Float32Array(32 * 32), { width: 32, height: 32 })
  await expect(predictor.predict(small, 'US')).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

function untrained() {
  return initialAutomaticWeights(base, ['US', 'MG'], seededRandom(1))
}

function picture(): GreyImage {
  const data = Float32Array.from({ length: 224 * 224 }, (_, i) => 0.5 + 0.5 * Math.sin(i / 50))
  return GreyImage.from(data, { width: 224, height: 224 })
}
