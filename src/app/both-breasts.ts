import { absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { GreyImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import type { StudyImage } from '#core/study.ts'
import { breastRegion } from '#imaging/breast-region.ts'
import { locateBreasts } from '#imaging/landmark-cascade.ts'
import type { BreastArea } from './breast-area.ts'
import type { Found } from './find-lesions.ts'
import { frontalTorso } from './landmark-finder.ts'
import { readLandmarkModel } from './landmark-model.ts'
import type { NippleFacts } from './nipple.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** One breast on a picture of both. The woman's left is the image's right. */
export interface OneOfBoth {
  /** The ellipse in the box where the software finds the breast, as far as there is body. */
  readonly area: BreastArea
  /** Whether a column of the image is on this side of the midline; that itself is on the right's. */
  isOwn(x: number): boolean
}

/**
 * Finds the breast of the image's side.
 * @param shown as an eye sees it, over its whole range. @throws BREASTS_NOT_TOLD_APART
 */
export async function oneOfBoth(shown: GreyImage, { file, side }: StudyImage): Promise<OneOfBoth> {
  const torso = frontalTorso(shown)
  if (isAbsent(torso)) throw new ScreeningError('BREASTS_NOT_TOLD_APART', { file, reason: torso.absent })
  const { stages } = await readLandmarkModel()
  const { box } = locateBreasts(shown, torso, stages)[side]
  const isOwn = ownSide(torso.centre.x, side)
  const breast = ellipseIn(box, shown, isOwn).and(breastRegion(shown, 'TG'))
  return { area: { exposed: breast, muscle: absent('not-for-this-modality'), breast }, isOwn }
}

function ownSide(midline: number, side: Side) {
  return (x: number) => (side === 'R' ? x <= midline : x > midline)
}

/** The pixels of the ellipse in a box that lie on the side's own half. */
export function ellipseIn(
  [left, top, right, bottom]: readonly [number, number, number, number],
  { width, height }: Size,
  isOwn: OneOfBoth['isOwn'],
): Mask {
  const ellipse = Mask.empty({ width, height })
  const [centreX, centreY] = [(left + right) / 2, (top + bottom) / 2]
  for (let y = 0; y < height; y++) {
    const v = (y - centreY) / (bottom - centreY)
    for (let x = 0; x < width; x++) {
      const u = (x - centreX) / (right - centreX)
      if (isOwn(x) && u * u + v * v <= 1) ellipse.data[y * width + x] = 1
    }
  }
  return ellipse
}

/** Of what is marked on the picture that whose middle lies on the side's own half. What was said of the whole picture is of neither side. */
export function markedOnOwnSide(found: Found, { isOwn }: OneOfBoth): Found {
  if (isAbsent(found.mask)) return found
  const regions = found.regions.filter(({ region }) => isOwn(region.centroidPx.x))
  const mask = Mask.empty(found.mask)
  for (const { region } of regions) {
    const { data } = region.mask
    for (let i = 0; i < data.length; i++) if (data[i] === 1) mask.data[i] = 1
  }
  const ofBoth = absent('not-evaluated')
  return { ...found, regions, mask, presence: ofBoth, expectedDice: ofBoth }
}

/** A nipple that was given for this side and lies on the other one is a slip of the pen. */
export function nippleOnOwnSide(facts: NippleFacts, { isOwn }: OneOfBoth): NippleFacts {
  const { nipplePx } = facts
  return isAbsent(nipplePx) || isOwn(nipplePx.x) ? facts : { ...facts, nipplePx: absent('nipple-on-other-side') }
}

/** The recording with the reference region of this breast alone. */
export function recordedOnOwnSide(recorded: RecordedSequence, { isOwn }: OneOfBoth): RecordedSequence {
  const { reference } = recorded
  if (reference === undefined) return recorded
  const { width } = reference
  const own = Mask.from(
    reference.data.map((inside, i) => (isOwn(i % width) ? inside : 0)),
    reference,
  )
  return { ...recorded, reference: own.areaPx === 0 ? undefined : own }
}
