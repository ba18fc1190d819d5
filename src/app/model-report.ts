import { isAbsent } from '#core/absent.ts'
import { Modality } from '#core/modality.ts'
import { MODALITY_WORDS } from '#core/notices.ts'
import type { ModelReport } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import type { Model } from '#sam/model.ts'
import { ConfidenceFigures } from '#training/confidence-figures.ts'
import { Summary } from '#training/summary.ts'

/** What a report says of the model that marked its images: which it is, what it was validated on, how well. */
export function modelReport({ metadata, sha256 }: Pick<Model, 'metadata' | 'sha256'>): ModelReport {
  const modalities = Modality.options.filter((modality) => metadata.modalities[modality] !== undefined)
  return {
    id: metadata.name,
    sha256,
    validatedModalities: modalities,
    figures: figuresOf(metadata.figures),
    confidence: confidenceOf(metadata.figures),
    limits: [ELSEWHERE, ...modalities.flatMap((modality) => limitsOf(modality, metadata))],
  }
}

const ELSEWHERE: Words = {
  zh: '以上数据来自训练模型者的验证图像；是否适用于本单位的设备和人群，未经验证。',
  en: "These figures come from the validation images of whoever trained the model; whether they hold for this unit's devices and people was not examined.",
}

const CONTRAST_ONLY: Words = {
  zh: '乳腺X线摄影：仅在对比增强摄影上验证，普通乳腺X线图像不给出自动结果。',
  en: 'Mammography: validated on contrast mammography only; plain mammograms get no automatic result.',
}

function limitsOf(modality: Modality, metadata: Model['metadata']): Words[] {
  const settings = metadata.modalities[modality]
  if (settings === undefined) return []
  const energies = settings.energies === undefined ? [] : [CONTRAST_ONLY]
  if (!isAbsent(settings.presenceThreshold)) return energies
  const { zh, en } = MODALITY_WORDS[modality]
  return [
    ...energies,
    {
      zh: `${zh}：训练数据中没有无病灶的图像，模型总会尝试标出区域，不给出存在评分。`,
      en: `${en}: the model has learned from no image without a lesion. It tends to mark a region on any, and gives no presence score.`,
    },
  ]
}

/** How the expected Dice of images and regions held in cross-validation. */
function confidenceOf({ confidence }: Model['metadata']['figures']): ModelReport['confidence'] {
  const figures = ConfidenceFigures.safeParse(confidence)
  if (!figures.success) return []
  return Modality.options.flatMap((modality) => {
    const of = figures.data[modality]
    if (of === undefined) return []
    return (['mask', 'region'] as const).map((kind) => {
      const { examples, expectedCalibrationError, correlation } = of[kind]
      return { modality, of: kind, examples, calibrationError: expectedCalibrationError, correlation }
    })
  })
}

/** The headline of each modality: lesion images of the validation split, near-duplicates left out. */
function figuresOf(figures: Model['metadata']['figures']): ModelReport['figures'] {
  const summary = Summary.safeParse(figures)
  if (!summary.success) return []
  const split = typeof figures.split === 'string' ? figures.split : 'val'
  return Modality.options.flatMap((modality) => {
    const lesions = summary.data.perModality[modality]?.headline.lesionImages
    if (!lesions) return []
    const { mean, interval95 } = lesions.dice
    return {
      modality,
      set: `${split}: lesion images, near-duplicates left out`,
      images: lesions.images,
      meanDice: mean,
      ...(interval95 === null ? {} : { interval: [interval95.low, interval95.high] as [number, number] }),
    }
  })
}
