import { isAbsent } from '#core/absent.ts'
import { Modality } from '#core/modality.ts'
import type { ModelReport } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import type { Model } from '#sam/model.ts'
import { Summary } from '#training/summary.ts'

/** What a report says of the model that marked its images: which it is, what it was validated on, how well. */
export function modelReport({ metadata, sha256 }: Pick<Model, 'metadata' | 'sha256'>): ModelReport {
  const modalities = Modality.options.filter((modality) => metadata.modalities[modality] !== undefined)
  return {
    id: metadata.name,
    sha256,
    validatedModalities: modalities,
    figures: figuresOf(metadata.figures),
    limits: [ELSEWHERE, ...modalities.flatMap((modality) => limitOf(modality, metadata))],
  }
}

const ELSEWHERE: Words = {
  zh: '以上数据来自公开数据集，未在本单位的设备和人群上验证。',
  en: 'These figures come from public data sets; the devices and people of this unit were not among them.',
}

const MODALITY_WORDS: Readonly<Record<Modality, Words>> = {
  US: { zh: '超声', en: 'Ultrasound' },
  MG: { zh: '乳腺摄影', en: 'Mammography' },
  TG: { zh: '热成像', en: 'Thermography' },
  OT: { zh: '光学成像', en: 'Optical imaging' },
}

function limitOf(modality: Modality, metadata: Model['metadata']): Words[] {
  const settings = metadata.modalities[modality]
  if (settings === undefined || !isAbsent(settings.presenceThreshold)) return []
  const { zh, en } = MODALITY_WORDS[modality]
  return [
    {
      zh: `${zh}：训练数据中没有无病灶的图像，模型总会尝试标出区域，不给出存在概率。`,
      en: `${en}: the model has learned from no image without a lesion. It tends to mark a region on any, and gives no probability of presence.`,
    },
  ]
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
