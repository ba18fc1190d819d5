import { GreyImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import type { Random } from '#core/random.ts'
import { type Affine, type Displacement, mirrored, warpImage } from '#imaging/warp.ts'
import { elastic } from './elastic.ts'
import { plantMarks } from './marks.ts'
import { attenuate, castShadow } from './ultrasound-physics.ts'

/** A standardised image and, on the same grid, how much of each pixel is lesion (0..1). */
export interface Sample {
  readonly image: GreyImage
  readonly softMask: GreyImage
}

/** Ranges of the random augmentation. Angles in degrees, blur in pixels of the standard grid. */
export const AUGMENTATION = {
  zoom: [0.8, 1.6],
  aspect: [0.85, 1.18],
  rotationDeg: [-15, 15],
  shift: [-0.08, 0.08],
  flipChance: 0.5,
  elasticChance: 0.5,
  elasticShare: [0.005, 0.02],
  gamma: [0.65, 1.5],
  gain: [0.8, 1.25],
  toneBend: [-0.08, 0.08],
  speckle: [0, 0.12],
  blurChance: 0.25,
  blurSigmaPx: [0.4, 1.3],
  attenuation: [-0.6, 0.6],
  shadowChance: 0.25,
  marksChance: 0.4,
} as const satisfies Record<string, number | readonly [number, number]>

/**
 * A random view of a sample: one warp (zoom near the lesion, rotation, aspect, shift, mirror, elastic), then on the
 * image alone, for ultrasound, attenuation with depth and a shadow, then blur, gamma, gain, tone and multiplicative
 * speckle, and for ultrasound calipers and text. The same `random` gives the same view. Output has the input's size;
 * places outside the input are 0.
 */
export function augment(sample: Sample, modality: Modality, random: Random): Sample {
  const affine = randomAffine(sample, random)
  const { image, softMask } = warp(sample, affine, randomDisplacement(sample.image, random))
  if (modality !== 'US') return { image: randomPhotometry(image, random), softMask }
  const seen = randomPhotometry(randomPhysics(image, random), random)
  return { image: random.uniform() < AUGMENTATION.marksChance ? plantMarks(seen, softMask, random) : seen, softMask }
}

function randomDisplacement(size: GreyImage, random: Random): Displacement | undefined {
  if (random.uniform() >= AUGMENTATION.elasticChance) return undefined
  return elastic(size, random.between(...AUGMENTATION.elasticShare) * size.width, random)
}

function randomPhysics(image: GreyImage, random: Random): GreyImage {
  const seen = attenuate(image, random.between(...AUGMENTATION.attenuation))
  return random.uniform() < AUGMENTATION.shadowChance ? castShadow(seen, random) : seen
}

/** The sample seen in a mirror: left and right swapped. */
export function mirror(sample: Sample): Sample {
  return warp(sample, mirrored(sample.image.width))
}

/**
 * Image and soft mask through one affine map, after an elastic displacement of the output's pixels where there is one;
 * bilinear. Where the map shrinks, 2×2 samples per output pixel keep fine speckle from aliasing.
 */
export function warp(sample: Sample, affine: Affine, displacement?: Displacement): Sample {
  return {
    image: warpImage(sample.image, affine, displacement),
    softMask: warpImage(sample.softMask, affine, displacement),
  }
}

function randomAffine({ image, softMask }: Sample, random: Random): Affine {
  const between = ([low, high]: readonly [number, number]) => random.between(low, high)
  const zoom = Math.exp(random.between(Math.log(AUGMENTATION.zoom[0]), Math.log(AUGMENTATION.zoom[1])))
  const aspect = Math.sqrt(between(AUGMENTATION.aspect))
  const angle = (between(AUGMENTATION.rotationDeg) * Math.PI) / 180
  const flip = random.uniform() < AUGMENTATION.flipChance ? -1 : 1
  const target = zoomTarget(softMask, random)
  const [middleX, middleY] = [(image.width - 1) / 2, (image.height - 1) / 2]
  // Of the way to the target, as much as keeps the window inside the image; a window larger than the image stays centred.
  const reach = Math.max(0, 1 - 1 / zoom)
  const centreX = middleX + clamp(target.x - middleX, reach * middleX) + between(AUGMENTATION.shift) * image.width
  const centreY = middleY + clamp(target.y - middleY, reach * middleY) + between(AUGMENTATION.shift) * image.height
  const [stepX, stepY] = [flip / (zoom * aspect), aspect / zoom]
  const xx = Math.cos(angle) * stepX
  const xy = -Math.sin(angle) * stepY
  const yx = Math.sin(angle) * stepX
  const yy = Math.cos(angle) * stepY
  return {
    xx,
    xy,
    x0: centreX - xx * middleX - xy * middleY,
    yx,
    yy,
    y0: centreY - yx * middleX - yy * middleY,
  }
}

/** Near the lesion's centre where there is one, anywhere otherwise. */
function zoomTarget(softMask: GreyImage, random: Random): { x: number; y: number } {
  let [mass, sumX, sumY] = [0, 0, 0]
  for (let y = 0, i = 0; y < softMask.height; y++) {
    for (let x = 0; x < softMask.width; x++, i++) {
      const weight = softMask.data[i]!
      mass += weight
      sumX += weight * x
      sumY += weight * y
    }
  }
  if (mass === 0) return { x: random.between(0, softMask.width), y: random.between(0, softMask.height) }
  const wander = 0.15
  return {
    x: sumX / mass + random.between(-wander, wander) * softMask.width,
    y: sumY / mass + random.between(-wander, wander) * softMask.height,
  }
}

function randomPhotometry(image: GreyImage, random: Random): GreyImage {
  const gamma = Math.exp(random.between(Math.log(AUGMENTATION.gamma[0]), Math.log(AUGMENTATION.gamma[1])))
  const gain = random.between(AUGMENTATION.gain[0], AUGMENTATION.gain[1])
  const speckle = random.between(AUGMENTATION.speckle[0], AUGMENTATION.speckle[1])
  const blurred =
    random.uniform() < AUGMENTATION.blurChance
      ? blur(image, random.between(AUGMENTATION.blurSigmaPx[0], AUGMENTATION.blurSigmaPx[1]))
      : image
  const bend = random.between(...AUGMENTATION.toneBend)
  const out = new Float32Array(image.data.length)
  for (let i = 0; i < out.length; i++) {
    const toned = Math.max(blurred.data[i]!, 0) ** gamma
    // Another device's grey curve: black and white stay, what lies between bends to an S or against it.
    const bent = toned - bend * Math.sin(2 * Math.PI * Math.min(toned, 1))
    out[i] = Math.min(Math.max(bent * gain * (1 + speckle * random.normal()), 0), 1)
  }
  return GreyImage.from(out, image)
}

/** Gaussian blur, separable, the edge pixel repeated. */
export function blur(image: GreyImage, sigmaPx: number): GreyImage {
  const reach = Math.max(1, Math.ceil(3 * sigmaPx))
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigmaPx ** 2)),
  )
  const total = kernel.reduce((sum, weight) => sum + weight, 0)
  const rows = convolveLines(image.data, image.width, image.height, 1, image.width, kernel, total)
  return GreyImage.from(convolveLines(rows, image.height, image.width, image.width, 1, kernel, total), image)
}

/** Convolves every line of `length` samples `step` apart; lines begin `stride` apart. */
function convolveLines(
  data: Float32Array,
  length: number,
  lines: number,
  step: number,
  stride: number,
  kernel: Float64Array,
  total: number,
): Float32Array {
  const reach = (kernel.length - 1) / 2
  const out = new Float32Array(data.length)
  for (let line = 0; line < lines; line++) {
    const start = line * stride
    for (let i = 0; i < length; i++) {
      let sum = 0
      for (let k = -reach; k <= reach; k++) {
        sum += kernel[k + reach]! * data[start + Math.min(Math.max(i + k, 0), length - 1) * step]!
      }
      out[start + i * step] = sum / total
    }
  }
  return out
}

/**
 * The training target of a soft mask: means over square blocks.
 * @param size side of the result, a divisor of the mask's width and height.
 */
export function blockMeans(softMask: GreyImage, size: number): Float32Array {
  const [stepX, stepY] = [softMask.width / size, softMask.height / size]
  const out = new Float32Array(size * size)
  for (let y = 0; y < softMask.height; y++) {
    const row = Math.floor(y / stepY) * size
    for (let x = 0; x < softMask.width; x++) out[row + Math.floor(x / stepX)]! += softMask.data[y * softMask.width + x]!
  }
  return out.map((sum) => sum / (stepX * stepY))
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit)
}
