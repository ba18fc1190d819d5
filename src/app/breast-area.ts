import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { type PatientOrientation, stepToward } from '#core/orientation.ts'
import type { StudyImage } from '#core/study.ts'
import { breastRegion } from '#imaging/breast-region.ts'
import { type PectoralMuscle, pectoralMuscle } from '#imaging/pectoral-muscle.ts'

/** Where the breast is in one image. */
export interface BreastArea {
  /** Everything of the body in the picture: the breast and, on MLO views, the pectoral muscle. */
  readonly exposed: Mask
  readonly muscle: PectoralMuscle | Absent
  /** The breast alone, as far as the muscle's edge was found: what a region is compared with. */
  readonly breast: Mask
}

/** How an image was taken, as far as it is known. */
type Taken = Pick<StudyImage, 'modality'> & {
  readonly [K in 'view' | 'energy' | 'patientOrientation']?: StudyImage[K] | undefined
}

/** The breast of an image, without the pectoral muscle where that was found. */
export function breastArea(grey: GreyImage, image: Taken): BreastArea {
  const exposed = breastRegion(grey, image.modality)
  const muscle = muscleOf(grey, exposed, image)
  return { exposed, muscle, breast: isAbsent(muscle) ? exposed : exposed.without(muscle.mask) }
}

function muscleOf(grey: GreyImage, exposed: Mask, { modality, view, energy, patientOrientation }: Taken) {
  if (modality !== 'MG') return absent('not-for-this-modality')
  if (view === undefined || view === 'unspecified') return absent('view-not-given')
  if (view !== 'MLO') return absent('not-for-this-view')
  if (energy === 'subtracted') return absent('not-on-subtracted-image')
  return isUpright(patientOrientation) ? pectoralMuscle(grey, exposed) : absent('not-hung-upright')
}

/** An oblique view is hung with the head up unless it is said to be otherwise. */
export function isUpright(orientation: PatientOrientation | undefined): boolean {
  const head = orientation === undefined ? undefined : stepToward(orientation, 'H')
  return head === undefined || head.y === -1
}
