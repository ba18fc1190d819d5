/** What can befall an image between the device and the model, at strengths that a clinic meets. */
import { unreachable } from '#core/errors.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Random } from '#core/random.ts'
import { decodeImage } from '#imaging/decode.ts'
import { encodeJpeg } from '#imaging/encode.ts'
import { toGrey } from '#imaging/grey.ts'
import { resize } from '#imaging/resample.ts'
import { blur, warp } from './augment.ts'
import type { LoadedImage } from './dataset.ts'

export type PerturbationKind = 'gain' | 'gamma' | 'noise' | 'speckle' | 'blur' | 'scale' | 'crop' | 'rotation' | 'jpeg'

export interface Perturbation {
  readonly kind: PerturbationKind
  /** In the unit that {@link PERTURBATION_METHODS} names. */
  readonly strength: number
}

/** What each kind does, and the unit of its strength. Grey is 0..1 of the file's range and is held there. */
export const PERTURBATION_METHODS = {
  gain: 'grey times the strength',
  gamma: 'grey to the power of the strength',
  noise: 'grey plus normal noise; its standard deviation',
  speckle: 'grey times one plus normal noise; its standard deviation',
  blur: "Gaussian blur; its standard deviation as a share of the image's longer side",
  scale: 'resampled to the strength times as many pixels a side',
  crop: 'that share of the width and of the height cut off on every side, as far as no outlined lesion is cut',
  rotation: 'degrees, clockwise on screen, about the centre, the corners black',
  jpeg: 'written as JPEG of that quality and read again',
} as const satisfies Record<PerturbationKind, string>

/** The table that a model is examined by. */
export const PERTURBATIONS: readonly Perturbation[] = [
  { kind: 'gain', strength: 0.8 },
  { kind: 'gain', strength: 1.25 },
  { kind: 'gamma', strength: 0.7 },
  { kind: 'gamma', strength: 1.4 },
  { kind: 'noise', strength: 0.03 },
  { kind: 'speckle', strength: 0.1 },
  { kind: 'blur', strength: 0.002 },
  { kind: 'scale', strength: 0.5 },
  { kind: 'scale', strength: 1.5 },
  { kind: 'crop', strength: 0.1 },
  { kind: 'rotation', strength: -10 },
  { kind: 'rotation', strength: 10 },
  { kind: 'jpeg', strength: 30 },
]

/**
 * An image and its doctor's mask as they would be after the perturbation: 8-bit grey; the mask moves with the image.
 * @returns `null` when the mask had foreground and nothing of it is left.
 */
export async function perturb(
  loaded: LoadedImage,
  perturbation: Perturbation,
  random: Random,
): Promise<LoadedImage | null> {
  const before = {
    image: toGrey(loaded.raster),
    softMask: GreyImage.from(Float32Array.from(loaded.truth.data), loaded.truth),
  }
  const { image, softMask } = await apply(before, loaded.truth, perturbation, random)
  const truth = Mask.from(
    Uint8Array.from(softMask.data, (share) => (share >= 0.5 ? 1 : 0)),
    softMask,
  )
  const isLost = loaded.truth.data.includes(1) && !truth.data.includes(1)
  return isLost ? null : { raster: toRaster(image), truth }
}

interface Pair {
  readonly image: GreyImage
  readonly softMask: GreyImage
}

async function apply(pair: Pair, truth: Mask, { kind, strength }: Perturbation, random: Random): Promise<Pair> {
  const { image, softMask } = pair
  const grey = (change: (value: number) => number) => ({ image: mapGrey(image, change), softMask })
  switch (kind) {
    case 'gain':
      return grey((value) => value * strength)
    case 'gamma':
      return grey((value) => value ** strength)
    case 'noise':
      return grey((value) => value + strength * random.normal())
    case 'speckle':
      return grey((value) => value * (1 + strength * random.normal()))
    case 'blur':
      return { image: blur(image, strength * Math.max(image.width, image.height)), softMask }
    case 'scale': {
      const size = { width: Math.round(image.width * strength), height: Math.round(image.height * strength) }
      return { image: resize(image, size), softMask: resize(softMask, size) }
    }
    case 'crop':
      return crop(pair, truth, strength)
    case 'rotation':
      return rotate(pair, strength)
    case 'jpeg': {
      const bytes = await encodeJpeg(toRaster(image), strength)
      return { image: toGrey(await decodeImage(bytes, 'perturbed.jpg')), softMask }
    }
    default: {
      const never: never = kind
      throw unreachable(never)
    }
  }
}

function mapGrey(image: GreyImage, change: (value: number) => number): GreyImage {
  return GreyImage.from(image.data.map(change), image)
}

function crop({ image, softMask }: Pair, truth: Mask, share: number): Pair {
  const { width, height } = image
  const margin = { x: Math.round(share * width), y: Math.round(share * height) }
  let [left, top, right, bottom] = [margin.x, margin.y, width - 1 - margin.x, height - 1 - margin.y]
  for (let i = 0; i < truth.data.length; i++) {
    if (truth.data[i] === 0) continue
    const [x, y] = [i % width, Math.floor(i / width)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  const size = { width: right - left + 1, height: bottom - top + 1 }
  const cut = (of: GreyImage) => {
    const out = new Float32Array(size.width * size.height)
    for (let y = 0; y < size.height; y++) {
      const start = (top + y) * width + left
      out.set(of.data.subarray(start, start + size.width), y * size.width)
    }
    return GreyImage.from(out, size)
  }
  return { image: cut(image), softMask: cut(softMask) }
}

/** The map goes from a place in the result to the one in the image that it shows, so it turns the other way. */
function rotate(pair: Pair, degrees: number): Pair {
  const angle = (-degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [x, y] = [(pair.image.width - 1) / 2, (pair.image.height - 1) / 2]
  return warp(pair, { xx: cos, xy: -sin, x0: x - cos * x + sin * y, yx: sin, yy: cos, y0: y - sin * x - cos * y })
}

function toRaster(image: GreyImage) {
  const data = Uint8Array.from(image.data, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)))
  return { width: image.width, height: image.height, channels: 1 as const, bitDepth: 8 as const, data }
}
