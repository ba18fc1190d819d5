import { mirroredPairs } from '#assessment/left-right.ts'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { HotSpot } from '#core/breast-description.ts'
import type { Point } from '#core/geometry.ts'
import type { Side } from '#core/modality.ts'
import { hotSpots, type WarmBreast, type WarmPlace } from '#features/hot-spots.ts'
import { type BreastFrame, regionOfCells } from '#imaging/breast-frame.ts'
import { components, contours } from '#imaging/components.ts'
import { smoothOutline } from '#report/outline.ts'
import { toTenth } from './nipple.ts'
import type { ScreenedImage } from './screen-image.ts'

/** The hot spots of one thermogram against that of the other breast. */
export interface ImageHotSpots {
  readonly side: Side
  readonly image: string
  readonly spots: readonly HotSpot[] | Absent
  /** Of each spot, pixels of the image. */
  readonly outlines: readonly (readonly Point[])[]
}

/** Of each thermogram; absent where it has no counterpart, or none that lies on it. */
export function hotSpotsOf(screened: readonly ScreenedImage[]): ImageHotSpots[] {
  const thermograms = screened.filter(({ report }) => report.modality === 'TG')
  const counterparts = new Map<string, string>()
  for (const { left, right } of mirroredPairs(thermograms.map(({ summary }) => summary))) {
    counterparts.set(left.id, right.id).set(right.id, left.id)
  }
  const byId = new Map(thermograms.map((image) => [image.report.id, image]))
  return thermograms.map((image) => {
    const { id, side } = image.report
    const other = byId.get(counterparts.get(id) ?? '')
    return { side, image: id, ...(other === undefined ? NO_COUNTERPART : against(image, other)) }
  })
}

const NO_COUNTERPART = { spots: absent('no-mirrored-view'), outlines: [] }

function against(
  { breast: own }: ScreenedImage,
  { breast: other }: ScreenedImage,
): Pick<ImageHotSpots, 'spots' | 'outlines'> {
  const [warm, otherWarm] = [warmBreast(own), warmBreast(other)]
  if (isAbsent(warm)) return { spots: warm, outlines: [] }
  if (isAbsent(otherWarm)) return { spots: otherWarm, outlines: [] }
  const places = hotSpots(warm, otherWarm)
  if (isAbsent(places)) return { spots: places, outlines: [] }
  const regions = places.map(({ cells }) => regionOfCells(cells, warm.frame))
  return {
    spots: places.map((place, i) => spotOf(place, components(regions[i]!)[0]!.centroidPx)),
    outlines: regions.flatMap((region) => contours(region).slice(0, 1)).map(smoothOutline),
  }
}

function warmBreast({ celsius, mirrored }: ScreenedImage['breast']): (WarmBreast & { frame: BreastFrame }) | Absent {
  if (isAbsent(celsius)) return celsius
  return isAbsent(mirrored) ? mirrored : { map: mirrored.map, frame: mirrored.frame, celsius }
}

function spotOf({ share, aboveMirrored, aboveBreast }: WarmPlace, centre: Point): HotSpot {
  return {
    centrePx: toTenth(centre),
    areaShare: { value: 100 * share, unit: '%' },
    aboveMirrored: { value: aboveMirrored, unit: 'Cel' },
    aboveBreast: { value: aboveBreast, unit: 'Cel' },
  }
}
