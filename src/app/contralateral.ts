import { mirroredPairs } from '#assessment/left-right.ts'
import { type Absent, isAbsent } from '#core/absent.ts'
import { FEATURES, type FeatureValue } from '#core/features.ts'
import type { Lesion, ReadImage } from '#core/report.ts'
import { contralateralDifference } from '#features/contralateral.ts'
import type { Mirrored } from './breast-of-image.ts'
import type { ScreenedImage } from './screen-image.ts'

/** What each image says once the other side is known: every region against its mirrored place, where that was seen. */
export function withContralateral(screened: readonly ScreenedImage[]): ReadImage[] {
  const others = new Map<string, ScreenedImage>()
  const byId = new Map(screened.map((image) => [image.report.id, image]))
  for (const { left, right } of mirroredPairs(screened.map(({ summary }) => summary))) {
    others.set(left.id, byId.get(right.id)!)
    others.set(right.id, byId.get(left.id)!)
  }
  return screened.map((image) => {
    const other = others.get(image.report.id)
    return other === undefined ? image.report : against(image, other)
  })
}

function against({ report, breast }: ScreenedImage, other: ScreenedImage): ReadImage {
  if (isAbsent(report.marking)) return report
  const lesions = report.marking.lesions.map((lesion, i): Lesion => {
    const { contrast, contrastStandardised } = lesion.features
    const raw = difference(i, breast.mirrored, other.breast.mirrored)
    const standard = difference(i, breast.mirroredStandardised, other.breast.mirroredStandardised)
    return {
      ...lesion,
      features: {
        ...lesion.features,
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
