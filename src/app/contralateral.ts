import { mirroredPairs } from '#assessment/left-right.ts'
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { commonCells } from '#core/breast-map.ts'
import { FEATURES, type FeatureValue } from '#core/features.ts'
import type { Lesion, ReadImage } from '#core/report.ts'
import { contralateralDifference, LEAST_SEEN_SHARE } from '#features/contralateral.ts'
import { mirroredRegion } from '#imaging/breast-frame.ts'
import type { Mirrored } from './breast-of-image.ts'
import { type MirroredRecording, measureKinetics } from './measure-kinetics.ts'
import type { ScreenedImage } from './screen-image.ts'

/** What each image says once the other side is known: every region against its mirrored place, where that was seen. */
export function withContralateral(screened: readonly ScreenedImage[]): ReadImage[] {
  const others = counterparts(screened)
  return screened.map((image) => {
    const other = others.get(image.report.id)
    return other === undefined ? image.report : against(image, other)
  })
}

/** Of each image that has one, by its id, the image of the other breast in the same view. */
export function counterparts(screened: readonly ScreenedImage[]): ReadonlyMap<string, ScreenedImage> {
  const others = new Map<string, ScreenedImage>()
  const byId = new Map(screened.map((image) => [image.report.id, image]))
  for (const { left, right } of mirroredPairs(screened.map(({ summary }) => summary))) {
    others.set(left.id, byId.get(right.id)!)
    others.set(right.id, byId.get(left.id)!)
  }
  return others
}

function against(own: ScreenedImage, other: ScreenedImage): ReadImage {
  const { report, breast, recording } = own
  if (isAbsent(report.marking)) return report
  const lesions = report.marking.lesions.map((lesion, i): Lesion => {
    const { contrast, contrastStandardised } = lesion.features
    const raw = difference(i, breast.mirrored, other.breast.mirrored)
    const standard = difference(i, breast.mirroredStandardised, other.breast.mirroredStandardised)
    return {
      ...lesion,
      features: {
        ...lesion.features,
        temporal: measureKinetics(recording.recorded, recording.regions[i]!, mirroredRecording(i, own, other)),
        contrast: { ...contrast, contralateralDifference: raw },
        contrastStandardised: isAbsent(contrastStandardised)
          ? contrastStandardised
          : { ...contrastStandardised, contralateralDifference: standard },
      },
    }
  })
  return { ...report, marking: { ...report.marking, lesions } }
}

function difference(lesion: number, own: Mirrored | Absent, other: Mirrored | Absent): FeatureValue {
  if (isAbsent(own)) return own
  if (isAbsent(other)) return other
  const value = contralateralDifference(own.shares[lesion]!, own.map, other.map)
  return isAbsent(value) ? value : { value, unit: FEATURES.contralateralDifference.unit }
}

/** The mirrored place of a region in the recording of the other breast, as far as that breast is seen there. */
function mirroredRecording(lesion: number, own: ScreenedImage, other: ScreenedImage): MirroredRecording | Absent {
  const { recorded, breast } = other.recording
  if (isAbsent(recorded)) return absent('no-mirrored-sequence')
  const [from, to] = [own.breast.mirrored, other.breast.mirrored]
  if (isAbsent(from)) return from
  if (isAbsent(to)) return to
  const cells = commonCells(from.map, to.map)
  if (isAbsent(cells)) return cells
  const place = mirroredRegion(own.recording.regions[lesion]!, from.frame, to.frame)
  const region = place.and(breast)
  const isSeen = region.areaPx > 0 && region.areaPx >= LEAST_SEEN_SHARE * place.areaPx
  return isSeen ? { recorded, region } : absent('mirrored-place-not-seen')
}
