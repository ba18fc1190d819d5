import type { Mask } from '#core/mask.ts'
import type { Frame } from '#imaging/frame.ts'
import { logitsToMask } from '#imaging/resample.ts'
import { withoutSpecks } from '#imaging/specks.ts'
import type { ModalitySettings } from './model.ts'
import type { Prediction } from './predict.ts'

/**
 * Regions smaller than this many cells of the model's mask are noise at its border of decision, not lesions: on the
 * validation images they carry no Dice and are four regions of five (docs/adr/0012-specks.md).
 */
const SPECK_CELLS = 12

/**
 * The mask that a prediction stands for, at the original's own size: the pixels whose probability passes the model's
 * threshold, without specks. What presence says of the image is not looked at.
 */
export function outline({ maskLogits, maskSize }: Prediction, frame: Frame, { maskThreshold }: ModalitySettings): Mask {
  const mask = logitsToMask(maskLogits, maskSize, frame, Math.log(maskThreshold / (1 - maskThreshold)))
  const cellPx = {
    width: frame.standard.width / maskSize.width / frame.scaleX,
    height: frame.standard.height / maskSize.height / frame.scaleY,
  }
  return withoutSpecks(mask, SPECK_CELLS * cellPx.width * cellPx.height)
}
