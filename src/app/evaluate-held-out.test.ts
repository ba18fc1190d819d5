import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import type { ModalitySettings } from '#sam/model.ts'
import type { Predictor } from '#sam/predict.ts'
import { examine } from '#training/dataset.ts'
import { learnFromHeldOut } from '#training/held-out.ts'
import { parseManifest } from '#training/manifest.ts'
import { evaluateHeldOut } from './evaluate.ts'

const SIDE = 64
const SETTINGS: ModalitySettings = {
  preprocessing: { ...DEFAULT_PREPROCESSING.US, size: SIDE },
  maskThreshold: 0.5,
  presenceThreshold: absent('no-normal-training-data'),
}

/** Takes the brightness of a place for its probability. */
const BRIGHTNESS: Pick<Predictor, 'settings' | 'predict'> = {
  settings: () => SETTINGS,
  predict: async (image) => ({
    maskLogits: image.data.map((p) => Math.log(Math.max(p, 1e-4) / (1 - Math.min(p, 0.9999)))),
    maskSize: { width: SIDE, height: SIDE },
    presence: absent('no-normal-training-data'),
    iou: 0.5,
    impression: new Float32Array(768),
  }),
}

test('where faint lesions need a low threshold it is chosen, kept for the model, and the masks are judged by it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-held-out-'))
  try {
    const lesion = Mask.empty({ width: SIDE, height: SIDE })
    for (let y = 20; y < 40; y++) lesion.data.fill(1, y * SIDE + 20, y * SIDE + 44)
    const drawn = Uint8Array.from(lesion.data, (inside) => (inside ? 82 : 59)) // 0.32 and 0.23 of white
    const picture = { width: SIDE, height: SIDE, channels: 1, bitDepth: 8, data: drawn } as const
    for (let i = 0; i < 24; i++) {
      drawn[0] = i // no two pictures are the same
      await writeFile(path.join(folder, `i${i}.png`), await encodePng(picture))
    }
    await writeFile(path.join(folder, 'mask.png'), await encodeMaskPng(lesion))
    const lines = Array.from({ length: 24 }, (_, i) => `i${i},i${i}.png,mask.png,benign,val\n`).join('')
    const { rows } = parseManifest(`id,image,mask,class,split\n${lines}`, { folder, modality: 'US' })
    const { images } = await examine(rows, 'evaluate')
    const { evaluations, thresholds } = await evaluateHeldOut(BRIGHTNESS as Predictor, images, 1)
    expect(thresholds.get('US')).toMatchObject({ threshold: 0.25, chosenOn: 24 })
    expect(thresholds.get('US')!.outOfFoldDice).toBeGreaterThan(0.98)
    for (const { mask } of evaluations) expect(mask.dice).toBeGreaterThan(0.98)
    const learned = learnFromHeldOut(evaluations, thresholds, new Set(), 1)
    expect(learned.settings.get('US')?.maskThreshold).toBe(0.25)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
