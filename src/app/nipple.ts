import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import type { NippleProposal } from '#core/nipple-proposal.ts'
import { facesViewer } from '#core/orientation.ts'
import type { StudyImage } from '#core/study.ts'
import { nippleOnMammogram } from '#imaging/mammogram-nipple.ts'
import { type BreastArea, isUpright } from './breast-area.ts'
import type { LandmarkFinder } from './landmark-finder.ts'

/** Proposes the nipple of the breast that an image is of, or says why it does not. */
export type NippleFinder = (grey: GreyImage, image: StudyImage, area: BreastArea) => Promise<NippleProposal | Absent>

export interface OpenNippleFinder extends AsyncDisposable {
  readonly find: NippleFinder
}

/**
 * On frontal thermograms and, not validated, on CC and MLO mammograms ([docs/landmarks.md](../../docs/landmarks.md)). What
 * thermograms need is opened for the first one, and then it throws as `openFinder`; where base weights are in use
 * that the model of thermograms was not trained on, none is proposed there (`not-evaluated`).
 */
export function openNippleFinder(openFinder: () => Promise<LandmarkFinder>): OpenNippleFinder {
  let opened: Promise<LandmarkFinder | undefined> | undefined
  const open = () => {
    opened ??= openFinder().catch((error) => {
      if (error instanceof ScreeningError && error.code === 'MODEL_BASE_MISMATCH') return undefined
      throw error
    })
    return opened
  }
  const find: NippleFinder = async (grey, image, area) => {
    switch (image.modality) {
      case 'TG':
        return onThermogram(grey, image, open)
      case 'MG':
        return onMammogram(grey, image, area)
      default:
        return absent('not-for-this-modality')
    }
  }
  const dispose = async () => (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]()
  return { find, [Symbol.asyncDispose]: dispose }
}

/**
 * The woman's left is taken to be on the image's right, and an orientation that says otherwise is a conflict: of the two
 * nipples of such an image only that of the stated side is proposed.
 */
async function onThermogram(
  grey: GreyImage,
  { view, side, patientOrientation }: StudyImage,
  open: () => Promise<LandmarkFinder | undefined>,
): Promise<NippleProposal | Absent> {
  if (view === 'unspecified') return absent('view-not-given')
  if (view !== 'frontal') return absent('not-for-this-view')
  if (patientOrientation !== undefined && !facesViewer(patientOrientation)) return absent('orientation-conflict')
  const found = (await (await open())?.find(grey)) ?? absent('not-evaluated')
  const proposal = isAbsent(found) ? found : found[side]
  if (isAbsent(proposal)) return proposal
  return { point: toTenth(proposal.nipple), confidence: proposal.confidence, validated: true }
}

/** From the outline of the breast. */
function onMammogram(
  grey: GreyImage,
  { view, energy, patientOrientation }: StudyImage,
  { exposed }: BreastArea,
): NippleProposal | Absent {
  if (view === 'unspecified') return absent('view-not-given')
  if (view !== 'CC' && view !== 'MLO') return absent('not-for-this-view')
  if (energy === 'subtracted') return absent('not-on-subtracted-image')
  if (view === 'MLO' && !isUpright(patientOrientation)) return absent('not-hung-upright')
  const found = nippleOnMammogram(grey, exposed, view)
  if (isAbsent(found)) return found
  return { point: toTenth(found.point), confidence: found.confidence, validated: false }
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
export async function nippleOf(
  grey: GreyImage,
  image: StudyImage,
  area: BreastArea,
  find: NippleFinder,
): Promise<NippleFacts> {
  const nipplePx = nippleWithin(image, grey)
  if (image.nipplePx !== undefined) return { nipplePx, nippleProposal: absent('nipple-given') }
  const nippleProposal = await find(grey, image, area)
  return { nipplePx: isAbsent(nippleProposal) ? nipplePx : absent('nipple-not-confirmed'), nippleProposal }
}

/** A nipple outside of the picture is a slip of the pen or another picture's: no distance may come of it. */
export function nippleWithin({ nipplePx }: Pick<StudyImage, 'nipplePx'>, { width, height }: Size): Point | Absent {
  if (nipplePx === undefined) return absent('nipple-not-given')
  const isInside = nipplePx.x >= -0.5 && nipplePx.y >= -0.5 && nipplePx.x <= width - 0.5 && nipplePx.y <= height - 0.5
  return isInside ? nipplePx : absent('nipple-outside-image')
}
