import { unreachable } from '#core/errors.ts'
import type { GreyImage, RasterImage } from '#core/image.ts'
import type { Preprocessing, PreprocessingStep } from '#core/preprocessing.ts'
import { CLAHE_CLIP_LIMIT, CLAHE_TILES, clahe } from './clahe.ts'
import { HIGH_PERCENTILE, LOW_PERCENTILE, percentileWindow } from './contrast.ts'
import { LEE_WIDTH_PX, lee, median3 } from './denoise.ts'
import { type Frame, frameOf } from './frame.ts'
import { bitsInUse, toGrey } from './grey.ts'
import { intoFrame } from './resample.ts'

/** What the model sees: size×size, 0..1; where it lies in the original; and what was done, in order. */
export interface Standardised {
  readonly image: GreyImage
  readonly frame: Frame
  readonly steps: readonly PreprocessingStep[]
}

/** Grey, denoise, contrast, fit: the same for training and for use. Deterministic. */
export function standardise(raster: RasterImage, preprocessing: Preprocessing): Standardised {
  const steps: PreprocessingStep[] = [
    { name: 'grey', parameters: { channels: raster.channels, bits: bitsInUse(raster) } },
  ]
  const denoised = denoise(toGrey(raster), preprocessing.denoise, steps)
  const contrasted = adjustContrast(denoised, preprocessing.contrast, steps)
  const frame = frameOf(raster, preprocessing)
  const { scaleX, scaleY, offsetX, offsetY } = frame
  steps.push({ name: preprocessing.fit, parameters: { size: preprocessing.size, scaleX, scaleY, offsetX, offsetY } })
  return { image: intoFrame(contrasted, frame), frame, steps }
}

function denoise(image: GreyImage, method: Preprocessing['denoise'], steps: PreprocessingStep[]): GreyImage {
  switch (method) {
    case 'none':
      return image
    case 'median':
      steps.push({ name: 'median', parameters: { widthPx: 3 } })
      return median3(image)
    case 'lee': {
      const filtered = lee(image)
      steps.push({ name: 'lee', parameters: { widthPx: LEE_WIDTH_PX, noiseVariation: filtered.noiseVariation } })
      return filtered.image
    }
    default: {
      const never: never = method
      throw unreachable(never)
    }
  }
}

function adjustContrast(image: GreyImage, method: Preprocessing['contrast'], steps: PreprocessingStep[]): GreyImage {
  switch (method) {
    case 'none':
      return image
    case 'percentile': {
      const { image: stretched, low, high } = percentileWindow(image)
      const parameters = { lowPercentile: LOW_PERCENTILE, highPercentile: HIGH_PERCENTILE, low, high }
      steps.push({ name: 'percentile', parameters })
      return stretched
    }
    case 'clahe':
      steps.push({ name: 'clahe', parameters: { tiles: CLAHE_TILES, clipLimit: CLAHE_CLIP_LIMIT } })
      return clahe(image)
    default: {
      const never: never = method
      throw unreachable(never)
    }
  }
}
