import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { BreastMap } from '#core/breast-map.ts'
import type { FeatureValue } from '#core/features.ts'
import { contralateralDifference } from '#features/contralateral.ts'
import type { OutlinedWarmth } from '#report/describe-breast.ts'
import { counterparts } from './contralateral.ts'
import type { ScreenedImage } from './screen-image.ts'

/** How warm each region is that a doctor outlined on a thermogram. */
export function warmRegions(screened: readonly ScreenedImage[]): OutlinedWarmth[] {
  const others = counterparts(screened)
  return screened.flatMap((own) => {
    const { id, side, modality, marking } = own.report
    if (modality !== 'TG' || isAbsent(marking) || marking.by !== 'doctor') return []
    return marking.lesions.map(({ number, features }, i) => ({
      side,
      image: id,
      region: number,
      aboveSurroundings: features.contrast.temperatureDifference,
      aboveMirrored: aboveMirrored(i, own, others.get(id)),
    }))
  })
}

function aboveMirrored(lesion: number, own: ScreenedImage, other: ScreenedImage | undefined): FeatureValue {
  if (other === undefined) return absent('no-mirrored-view')
  const { mirrored } = own.breast
  if (isAbsent(mirrored)) return mirrored
  const [warm, otherWarm] = [celsiusMap(own), celsiusMap(other)]
  if (isAbsent(warm)) return warm
  if (isAbsent(otherWarm)) return otherWarm
  const value = contralateralDifference(mirrored.shares[lesion]!, warm, otherWarm)
  return isAbsent(value) ? value : { value, unit: 'Cel' }
}

/** The breast in the frame of both, in degrees Celsius. */
function celsiusMap({ breast: { celsius, mirrored } }: ScreenedImage): BreastMap | Absent {
  if (isAbsent(celsius)) return celsius
  if (isAbsent(mirrored)) return mirrored
  const { map } = mirrored
  return { ...map, grey: map.grey.map((grey) => grey * celsius.perGrey + celsius.offset) }
}
