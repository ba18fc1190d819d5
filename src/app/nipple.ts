import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import type { NippleProposal } from '#core/nipple-proposal.ts'
import type { StudyImage } from '#core/study.ts'
import { nippleOnMammogram } from '#imaging/mammogram-nipple.ts'
import { type BreastArea, isUpright } from './breast-area.ts'
import { type LandmarkFinder, type LandmarkFinderOptions, openLandmarkFinder } from './landmark-finder.ts'

/** Proposes the nipple of the breast that an image is of, or says why it does not. */
export type NippleFinder = (
  image: GreyImage,
  of: Pick<StudyImage, 'modality' | 'view' | 'side'>,
) => Promise<NippleProposal | Absent>

export interface OpenNippleFinder extends AsyncDisposable {
  readonly find: NippleFinder
}

/**
 * Frontal thermograms only. The woman's left is on the image's right, and of the two nipples that such an image shows
 * only that of the stated side is proposed (docs/landmarks.md). What it needs is loaded for the first such image, and
 * then it throws as `openLandmarkFinder`.
 */
export function openNippleFinder(options: LandmarkFinderOptions = {}): OpenNippleFinder {
  let opened: Promise<LandmarkFinder> | undefined
  const find: NippleFinder = async (image, { modality, view, side }) => {
    if (modality !== 'TG') return absent('not-for-this-modality')
    if (view === 'unspecified') return absent('view-not-given')
    if (view !== 'frontal') return absent('not-for-this-view')
    opened ??= openLandmarkFinder(options)
    const found = await (await opened).find(image)
    const proposal = isAbsent(found) ? found : found[side]
    if (isAbsent(proposal)) return proposal
    return { point: toTenth(proposal.nipple), confidence: proposal.confidence, validated: true }
  }
  return { find, [Symbol.asyncDispose]: async () => (await opened)?.[Symbol.asyncDispose]() }
}

/**
 * On mammograms of view CC or MLO, from the outline of the breast; not validated ([docs/landmarks.md](../../docs/landmarks.md)).
 * @param area the breast of the image that is asked about
 */
export function mammogramNippleFinder(image: StudyImage, { exposed }: BreastArea): NippleFinder {
  return async (grey) => {
    const { view, energy, patientOrientation } = image
    if (view === 'unspecified') return absent('view-not-given')
    if (view !== 'CC' && view !== 'MLO') return absent('not-for-this-view')
    if (energy === 'subtracted') return absent('not-on-subtracted-image')
    if (view === 'MLO' && !isUpright(patientOrientation)) return absent('nipple-not-found')
    const found = nippleOnMammogram(grey, exposed, view)
    if (isAbsent(found)) return found
    return { point: toTenth(found.point), confidence: found.confidence, validated: false }
  }
}

/** Finer than that nobody marks a nipple, and the doctor copies the number. */
export function toTenth({ x, y }: Point): Point {
  return { x: Math.round(10 * x) / 10, y: Math.round(10 * y) / 10 }
}

/** An image's nipple as a person gave it, or else what is proposed. */
export interface NippleFacts {
  readonly nipplePx: Point | Absent
  readonly nippleProposal: NippleProposal | Absent
}

/** Nothing is proposed where a nipple was given, even one outside of the image: the person who gave it is asked. */
export async function nippleOf(grey: GreyImage, image: StudyImage, find: NippleFinder): Promise<NippleFacts> {
  const nipplePx = nippleWithin(image, grey)
  if (image.nipplePx !== undefined) return { nipplePx, nippleProposal: absent('nipple-given') }
  const nippleProposal = await find(grey, image)
  return { nipplePx: isAbsent(nippleProposal) ? nipplePx : absent('nipple-not-confirmed'), nippleProposal }
}

/** A nipple outside of the picture is a slip of the pen or another picture's: no distance may come of it. */
export function nippleWithin({ nipplePx }: Pick<StudyImage, 'nipplePx'>, { width, height }: Size): Point | Absent {
  if (nipplePx === undefined) return absent('nipple-not-given')
  const isInside = nipplePx.x >= -0.5 && nipplePx.y >= -0.5 && nipplePx.x <= width - 0.5 && nipplePx.y <= height - 0.5
  return isInside ? nipplePx : absent('nipple-outside-image')
}
