import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readModelFile } from '#sam/model.ts'
import { HeldOutFigures } from '#training/held-out.ts'
import { writeExampleManifest } from './example-manifest.ts'
import { calibrateModel } from './models-calibrate.ts'

let folder = ''
let manifest = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-calibrate-'))
  manifest = await writeExampleManifest(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the same weights, bit for bit, with the views asked for, figures and origin of the new images', async () => {
  const out = path.join(folder, 'calibrated.safetensors')
  const before = await readModelFile()
  const { evaluation } = await calibrateModel({
    model: 'default',
    data: [manifest],
    split: 'val',
    out,
    testViews: ['plain'],
  })
  const { metadata, tensors, sha256 } = await readModelFile(out)
  expect(evaluation.model.sha256).toBe(sha256)
  expect(tensors).toEqual(before.tensors)
  expect(metadata.provenance).toMatchObject({
    ...before.metadata.provenance,
    calibration: { startSha256: before.sha256, split: 'val', images: 4 },
  })
  expect(HeldOutFigures.parse(metadata.figures).dataHash).toBe(evaluation.dataHash)
  // One ultrasound lesion and two mammograms are too few for thresholds of their own and for any confidence.
  for (const modality of ['MG', 'US'] as const) {
    const { confidence, ...carried } = before.metadata.modalities[modality]!
    expect(confidence).toBeDefined()
    expect(metadata.modalities[modality]).toEqual({ ...carried, testViews: ['plain'] })
  }
}, 300_000)

test('images without a modality of the model are refused before any is evaluated, and nothing is written', async () => {
  const data = [`US:${path.join(folder, 'ultrasound.csv')}`]
  await writeFile(path.join(folder, 'ultrasound.csv'), 'id,image,mask,class,split\nblank,blank.png,,normal,val\n')
  const out = path.join(folder, 'none/model.safetensors')
  await expect(calibrateModel({ model: 'default', data, split: 'val', out })).rejects.toMatchObject({
    code: 'CALIBRATION_INCOMPLETE',
    facts: { missing: ['MG'] },
  })
  expect(await readdir(path.join(folder, 'none'))).toEqual([])
}, 300_000)
