import type { RasterImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Words } from '#core/words.ts'
import { contours } from '#imaging/components.ts'
import type { Drawing, Hand, Reading } from '#report/gallery.ts'
import { both, html, type Markup } from '#report/markup.ts'
import { smoothOutline } from '#report/outline.ts'
import { isGated, type OutlinedImage } from '#training/evaluate.ts'
import type { ImageFigure } from '#training/summary.ts'
import { displayable, pictureAddress } from './picture.ts'

/** The longer side of one picture among many. */
const PLATE_SIDE_PX = 560

/** A model's answer on an image, with the threshold of presence that decides what a user gets to see of it. */
export interface Answer {
  readonly hand: Exclude<Hand, 'doctor'>
  readonly outlined: Pick<OutlinedImage, 'mask' | 'presence'>
  readonly threshold: number | null
}

/** The image with the doctor's outline and with what users of each model get. */
export async function drawPlate(raster: RasterImage, truth: Mask, answers: readonly Answer[]): Promise<Drawing> {
  const outlines: Partial<Record<Hand, ReturnType<typeof outlinesOf>>> = { doctor: outlinesOf(truth) }
  for (const { hand, outlined, threshold } of answers) {
    outlines[hand] = isGated(outlined.presence, threshold) ? [] : outlinesOf(outlined.mask)
  }
  const { width, height } = raster
  return { size: { width, height }, href: await pictureAddress(displayable(raster), PLATE_SIDE_PX), outlines }
}

function outlinesOf(mask: Mask) {
  return contours(mask).map(smoothOutline)
}

export function readingOf(hand: Hand, { dice, iou, presence, predictedAreaPx }: ImageFigure): Reading {
  return { hand, dice, iou, presence, marked: predictedAreaPx > 0 }
}

const CLASS_WORDS = {
  benign: { zh: '良性', en: 'benign' },
  malignant: { zh: '恶性', en: 'malignant' },
  normal: { zh: '无病灶', en: 'no lesion' },
  unknown: { zh: '未注明', en: 'not given' },
} as const satisfies Record<ImageFigure['class'], Words>

/** What the data set says the image is of; never the software's opinion. */
export function classNote({ class: name }: Pick<ImageFigure, 'class'>): Markup {
  return html`${both({ zh: '数据集分类：', en: 'Class in the data: ' })}${both(CLASS_WORDS[name])}`
}
