import path from 'node:path'
import { expect, test } from 'vitest'
import { absent } from '#core/absent.ts'
import { Mask } from '#core/mask.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { seededRandom } from '#core/random.ts'
import { frameOf } from '#imaging/frame.ts'
import { logitsToMask } from '#imaging/resample.ts'
import type { Predictor } from '#sam/predict.ts'
import { loadImage } from './dataset.ts'
import { type ImageEvaluation, predictImage, thresholdCurve, toFigure } from './evaluate.ts'
import { parseManifest } from './manifest.ts'
import { MASK_THRESHOLDS } from './mask-threshold.ts'
import { overlap } from './metrics.ts'

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

test('the curve of thresholds is the Dice of the mask at each of them', () => {
  const random = seededRandom(2)
  const maskSize = { width: 16, height: 16 }
  const maskLogits = Float32Array.from({ length: 256 }, () => 1.5 * random.normal())
  const truth = Mask.empty({ width: 90, height: 70 })
  for (let y = 20; y < 60; y++) truth.data.fill(1, y * 90 + 10, y * 90 + 55)
  const frame = frameOf(truth, { ...DEFAULT_PREPROCESSING.US, size: 64 })
  const prediction = {
    maskLogits,
    maskSize,
    presence: absent('not-evaluated'),
    iou: 0.5,
    impression: new Float32Array(768),
  }
  const { image } = evaluation(true, null)
  const { dice, cluster } = thresholdCurve({ image, prediction, frame, milliseconds: 1 }, truth)
  expect(cluster).toBe('clinic/near_duplicate_of/lesion')
  for (const [i, threshold] of MASK_THRESHOLDS.entries()) {
    const mask = logitsToMask(maskLogits, maskSize, frame, Math.log(threshold / (1 - threshold)))
    expect(dice[i]).toBeCloseTo(overlap(mask, truth).dice, 12)
  }
})

test('a low-energy image is judged with the subtracted one of its view; alone where that is not there, or asked for', async () => {
  const folder = path.resolve(import.meta.dirname, '../../examples/cesm-p313')
  const shots = ['DM', 'CM'].map(
    (shot) => `${shot},P313_R_${shot}_CC.jpg,ground-truth/none.png,malignant,val,p,R,CC,${shot}`,
  )
  const { rows } = parseManifest(`id,image,mask,class,split,patient,side,view,energy\n${shots.join('\n')}\n`, {
    ...{ folder, modality: 'MG' },
  })
  const asked: string[] = []
  const prediction = {
    maskLogits: new Float32Array(1),
    maskSize: { width: 1, height: 1 },
    presence: 0,
    iou: 0,
    impression: new Float32Array(768),
  }
  const predictor = {
    readsPairs: true,
    settings: () => ({ preprocessing: DEFAULT_PREPROCESSING.MG }),
    predict: async () => {
      asked.push('alone')
      return prediction
    },
    predictPair: async () => {
      asked.push('pair')
      return { 'low-energy': prediction, subtracted: prediction }
    },
  } as unknown as Predictor
  const [low, subtracted] = rows.map((row) => ({ row, imageSha256: '', maskSha256: '', lesion: true }))
  const { raster } = await loadImage({ ...low!.row, maskFile: null })
  await predictImage(predictor, low!, raster)
  await predictImage(predictor, subtracted!, raster)
  await predictImage(predictor, low!, raster, true)
  await predictImage(predictor, { ...low!, row: { ...low!.row, companionFile: path.join(folder, 'gone.jpg') } }, raster)
  expect(asked).toEqual(['pair', 'alone', 'alone', 'alone'])
})
