import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { GreyImage, RasterImage } from '#core/image.ts'
import type { Side } from '#core/modality.ts'
import type { Device } from '#engine/protocol.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { type BreastLandmarks, locateBreasts } from '#imaging/landmark-cascade.ts'
import { nippleNear } from '#imaging/nipple-blob.ts'
import { findTorso, mirrored, mirroredTorso, type Torso } from '#imaging/torso.ts'
import { type NippleMap, type NipplePlace, nippleOnMap, openNippleMap } from '#sam/nipple-head.ts'
import { loadBaseWeights, type StoreOptions } from '#sam/weights.ts'
import { type LandmarkModel, readLandmarkModel } from './landmark-model.ts'

/** What is proposed for one breast, for a doctor to confirm. */
export interface Proposal extends BreastLandmarks {
  /** How much the place looks like the nipples that were learned from, 0..1. It was not calibrated: no probability. */
  readonly confidence: number
}

/** Each side has its own reason. */
export type Proposals = Readonly<Record<Side, Proposal | Absent>>

/** Just below the least symmetric silhouette among the frontal images that methods were chosen on (0.91). */
export const LEAST_SYMMETRY = 0.9
/** Of a side's peak: 95 % of the marked sides that methods were chosen on pass. */
export const LEAST_CONFIDENCE = 0.1

/** What a trunk sees in an image and in its mirror image, in which the woman's left breast is a right one. */
export type SeenSides = Readonly<Record<Side, Float32Array>>

export async function seeSides(image: GreyImage, map: NippleMap): Promise<SeenSides> {
  return { R: await map.see(image), L: await map.see(mirrored(image)) }
}

/** Where the head finds each nipple, however little it looks like one. Pixels of the image. */
export function nipplePlaces(
  image: GreyImage,
  torso: Torso,
  seen: SeenSides,
  { head }: Pick<LandmarkModel, 'head'>,
): Readonly<Record<Side, NipplePlace>> {
  const left = nippleOnMap(seen.L, head, mirroredTorso(torso, image.width), image)
  return {
    R: nippleOnMap(seen.R, head, torso, image),
    L: { ...left, point: { x: image.width - 1 - left.point.x, y: left.point.y } },
  }
}

/** The proposals of an image with a symmetric silhouette: each nipple that looks enough like one, on its dark spot. */
export function acceptSides(
  image: GreyImage,
  places: Readonly<Record<Side, NipplePlace>>,
  breasts: Readonly<Record<Side, BreastLandmarks>>,
): Proposals {
  const of = (side: Side): Proposal | Absent => {
    const { point, peak } = places[side]
    if (!(peak >= LEAST_CONFIDENCE)) return absent('nipple-not-found')
    const { box } = breasts[side]
    return { nipple: nippleNear(image, point, box[2] - box[0]), box, confidence: Math.min(1, peak) }
  }
  return { R: of('R'), L: of('L') }
}

/** Finds nipples and breasts on frontal thermograms. The woman's left is the image's right. */
export interface LandmarkFinder extends AsyncDisposable {
  /** Absent as a whole where {@link frontalTorso} is. */
  find(image: GreyImage): Promise<Proposals | Absent>
}

/**
 * The torso of a frontal image; `not-this-modality` where the picture passes as an ultrasound, `breast-region-not-found`
 * where there is no torso, `silhouette-not-frontal` where there is no frontal one.
 */
export function frontalTorso(image: GreyImage): Torso | Absent {
  const asUltrasound = judgeability(asRaster(image), 'US')
  if (!isAbsent(asUltrasound) && asUltrasound !== 'unlike') return absent('not-this-modality')
  const torso = findTorso(image)
  if (isAbsent(torso)) return torso
  return torso.symmetry < LEAST_SYMMETRY ? absent('silhouette-not-frontal') : torso
}

function asRaster({ width, height, data }: GreyImage): RasterImage {
  return { width, height, channels: 1, bitDepth: 8, data: Uint8Array.from(data, (grey) => Math.round(255 * grey)) }
}

export interface LandmarkFinderOptions extends StoreOptions {
  readonly device?: Device | undefined
  readonly threads?: number | undefined
}

/**
 * Loads the model and the base weights into a worker.
 * @throws MODEL_BASE_MISMATCH where `ZAOSHAI_BASE_WEIGHTS` names others than the model was trained on; as
 *   `readLandmarkModel`, `loadBaseWeights` and `openNippleMap`.
 */
export async function openLandmarkFinder({
  device,
  threads,
  ...store
}: LandmarkFinderOptions = {}): Promise<LandmarkFinder> {
  const [model, base] = await Promise.all([readLandmarkModel(), loadBaseWeights(store)])
  if (base.id !== model.baseSha256) {
    const file = 'thermogram-landmarks.safetensors'
    throw new ScreeningError('MODEL_BASE_MISMATCH', { file, needs: model.baseSha256, found: base.id })
  }
  const map = await openNippleMap(base, { ...(device && { device }), ...(threads && { threads }) })
  return {
    find: async (image) => {
      const torso = frontalTorso(image)
      if (isAbsent(torso)) return torso
      const places = nipplePlaces(image, torso, await seeSides(image, map), model)
      return acceptSides(image, places, locateBreasts(image, torso, model.stages))
    },
    [Symbol.asyncDispose]: () => map[Symbol.asyncDispose](),
  }
}
