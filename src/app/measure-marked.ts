import type { FeatureName, FeatureValue } from '#core/features.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { measure } from '#features/measure.ts'
import { toGrey } from '#imaging/grey.ts'
import { breastArea } from './breast-area.ts'
import { visibleIn } from './measure-region.ts'
import type { Segmented } from './segment.ts'

/**
 * The features of every marked region, as a score reads them: without pixel spacing, since only what is free of scale may
 * enter one; in ultrasound without what is drawn over. The same for learning it and for using it.
 */
export function measureMarked(
  raster: RasterImage,
  { mask: marked, regions }: Pick<Segmented, 'mask' | 'regions'>,
  modality: Modality,
): Record<FeatureName, FeatureValue>[] {
  const image = toGrey(raster)
  const visible = visibleIn(raster, breastArea(image, { modality }), modality)
  return regions.map(({ region }) => measure({ image, region: region.mask, marked, modality, ...visible }))
}
