/** How a score holds on images whose class is known. Values only: the score itself arrives as a function. */
import { rocArea } from './delong.ts'
import { exactInterval } from './exact-interval.ts'
import type { ScoredExample } from './score-examples.ts'

export type Region = ScoredExample['regions'][number]
/** The logit of one marked region of an image. */
export type RegionLogit = (example: ScoredExample, region: Region) => number

/** An image with the one logit that it is judged by. */
export interface JudgedImage {
  readonly example: ScoredExample
  /** -Infinity where nothing counts: below every region. */
  readonly logit: number
}

/**
 * Judges each image by its most suspicious region. Of an image of a malignant lesion only regions that touch the doctor's outline
 * count: a lesion that was missed scores lowest whatever was marked elsewhere. On all other images every region counts.
 */
export function judged(examples: readonly ScoredExample[], logitOf: RegionLogit): JudgedImage[] {
  return examples.map((example) => {
    const counting = example.regions.filter(({ dice }) => example.class !== 'malignant' || dice > 0)
    const logits = counting.map((region) => logitOf(example, region))
    return { example, logit: Math.max(Number.NEGATIVE_INFINITY, ...logits) }
  })
}

/** The region that stands for the lesion of an image: the one that agrees best with the doctor's outline, if any touches it. */
export function lesionRegion({ regions }: ScoredExample): Region | undefined {
  const touching = regions.filter(({ dice }) => dice > 0)
  return touching.length === 0 ? undefined : touching.reduce((a, b) => (b.dice > a.dice ? b : a))
}

/**
 * The highest threshold at which at least `target` of the malignant images reach it; `null` where more lesions were missed than
 * that allows.
 */
export function thresholdFor(images: readonly JudgedImage[], target: number): number | null {
  const logits = logitsOf(images, 'malignant').sort((a, b) => b - a)
  const needed = Math.ceil(target * logits.length)
  const threshold = logits[needed - 1]
  return threshold === undefined || threshold === Number.NEGATIVE_INFINITY ? null : threshold
}

/** The lowest threshold that at most `share` of the benign images reach. */
export function thresholdAbove(images: readonly JudgedImage[], share: number): number {
  const logits = logitsOf(images, 'benign').sort((a, b) => b - a)
  return nextAbove(logits[Math.floor(share * logits.length)]!)
}

/** A number just above another. */
function nextAbove(value: number): number {
  return value + Math.max(Math.abs(value), 1) * 1e-9
}

/** Figures of some images at a threshold. */
export function figuresOf(set: string, images: readonly JudgedImage[], threshold: number) {
  const [malignant, benign, normal] = (['malignant', 'benign', 'normal'] as const).map((of) => logitsOf(images, of))
  const area = rocArea(malignant!, benign!)
  return {
    set,
    malignant: malignant!.length,
    benign: benign!.length,
    missedMalignant: malignant!.filter((logit) => logit === Number.NEGATIVE_INFINITY).length,
    auc: area?.auc ?? null,
    aucInterval95: area === null ? null : { low: area.low, high: area.high },
    sensitivity: share(malignant!, (logit) => logit >= threshold),
    specificity: share(benign!, (logit) => logit < threshold),
    normalsAbove: share(normal!, (logit) => logit >= threshold),
  }
}

function logitsOf(images: readonly JudgedImage[], of: ScoredExample['class']): number[] {
  return images.filter(({ example }) => example.class === of).map(({ logit }) => logit)
}

function share(logits: readonly number[], holds: (logit: number) => boolean) {
  return logits.length === 0 ? null : countedShare(logits.filter(holds).length, logits.length)
}

export function countedShare(count: number, of: number) {
  return { count, of, interval95: exactInterval(count, of) }
}
