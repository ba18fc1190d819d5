/**
 * Synthetic dynamic optical recordings with known kinetics, for tests: no patient recordings are public. They share the
 * physics (Beer-Lambert, photon noise, lamps that stay while the breast moves) and the two layouts of real ones, and
 * prove nothing about patients.
 */
import type { Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { type Random, seededRandom } from '#core/random.ts'
import { FrameSequence } from '#core/sequence.ts'
import { OPTICAL_LAYOUTS, type OpticalLayoutName, timesOfCaptures } from './dynamic-optical.ts'

/**
 * Change in optical density over time, -ln(S/S0), 0 before `onsetS`, seconds.
 * - plateau: amplitude (1 - exp(-u/tauS)): blood is pressed out or drawn in until pressures are equal.
 * - dip: difference of two exponentials: trapped blood gives up its oxygen, then fresh blood comes in.
 * - ramp: constant consumption of oxygen until `extremumS`, then constant recovery at `recoveryPerS`.
 */
export type Course =
  | { readonly shape: 'plateau'; readonly amplitude: number; readonly onsetS: number; readonly tauS: number }
  | {
      readonly shape: 'dip'
      readonly amplitude: number
      readonly onsetS: number
      readonly fallS: number
      readonly recoveryS: number
    }
  | {
      readonly shape: 'ramp'
      readonly amplitude: number
      readonly onsetS: number
      readonly extremumS: number
      readonly recoveryPerS: number
    }

/** How the breast lies in a frame: moved by (x, y) pixels, then turned about the middle of the image. */
export interface Pose {
  readonly x: number
  readonly y: number
  readonly angleRad: number
}

export interface PhantomOptions {
  readonly layout: OpticalLayoutName
  readonly captureIntervalS: number
  readonly lesion: Course
  /** Of all the rest of the breast. */
  readonly surroundings: Course
  /** Of the vessels. */
  readonly seed: number
  /** Which LEDs are recorded; all where none are named. */
  readonly leds?: readonly number[]
  readonly poseAt?: (timeS: number) => Pose
  /** The breast ends within the image: beyond an ellipse hardly any light comes through, whatever the time. */
  readonly isOutlined?: boolean
}

export interface KineticPhantom {
  readonly synthetic: true
  /** Without noise. */
  readonly sequence: FrameSequence
  /** [recorded LED][H×W] light that enters the camera where nothing absorbs. */
  readonly lamps: readonly Float32Array[]
  /** Wholly within the tissue that follows the lesion's course. */
  readonly lesion: Mask
  /** Wholly within the surroundings. */
  readonly reference: Mask
}

export function opticalDensityAt(course: Course, timeS: number): number {
  const u = timeS - course.onsetS
  if (u <= 0) return 0
  switch (course.shape) {
    case 'plateau':
      return course.amplitude * (1 - Math.exp(-u / course.tauS))
    case 'dip': {
      const peak = extremumTimeS(course) - course.onsetS
      const rise = (at: number) => Math.exp(-at / course.recoveryS) - Math.exp(-at / course.fallS)
      return (course.amplitude * rise(u)) / rise(peak)
    }
    case 'ramp': {
      const down = course.extremumS - course.onsetS
      const recovered = Math.sign(course.amplitude) * course.recoveryPerS * Math.max(u - down, 0)
      return course.amplitude * Math.min(u / down, 1) - recovered
    }
  }
}

/** When the course is farthest from 0; a plateau never is. */
export function extremumTimeS(course: Exclude<Course, { shape: 'plateau' }>): number {
  if (course.shape === 'ramp') return course.extremumS
  const { onsetS, fallS, recoveryS } = course
  return onsetS + (Math.log(recoveryS / fallS) * fallS * recoveryS) / (recoveryS - fallS)
}

const STILL: Pose = { x: 0, y: 0, angleRad: 0 }
/** Around the lesion's middle: its course alone within the first radius, none of it beyond the second. */
const LESION = { x: 78, y: 44, regionPx: 9, wholePx: 12, nonePx: 16 }
const REFERENCE = { x: 38, y: 60, regionPx: 9 }
/** Not in the middle, so that a mirror shows. */
const OUTLINE = { x: 60, y: 52, acrossPx: 54, downPx: 46 }
/** Optical density beyond the outline: 2% of the light. */
const BEYOND_OUTLINE = 4

export function kineticPhantom(options: PhantomOptions): KineticPhantom {
  const layout = OPTICAL_LAYOUTS[options.layout]
  const vessels = drawAnatomy(seededRandom(options.seed, 'anatomy'), layout)
  const anatomy: Anatomy = (x, y) => (options.isOutlined && isBeyondOutline(x, y) ? BEYOND_OUTLINE : vessels(x, y))
  const still = tissueIn(STILL, anatomy, layout)
  const tissueAt = (timeS: number) =>
    options.poseAt === undefined ? still : tissueIn(options.poseAt(timeS), anatomy, layout)
  const leds = options.leds ?? Array.from({ length: layout.leds }, (_, led) => led)
  const lamps = leds.map((led) => lampOf(led, layout))
  const times = timesOfCaptures(layout, options.captureIntervalS)
  const channels = leds.map((led, i) => {
    const timesS = times[led]!
    const frames = Array.from(timesS, (timeS) => exposure(lamps[i]!, tissueAt(timeS), timeS, options))
    return { label: `LED ${led + 1}`, timesS, frames }
  })
  return {
    synthetic: true,
    sequence: FrameSequence.from({ kind: 'optical', signalUnit: '1', channels }, layout),
    lamps,
    lesion: disc(LESION, layout),
    reference: disc(REFERENCE, layout),
  }
}

/** Recording, lamps and masks in a mirror, as of the other breast. */
export function inMirror({ sequence, lamps, lesion, reference }: KineticPhantom): KineticPhantom {
  const { width } = sequence
  const flipped = <T extends Float32Array | Uint8Array>(data: T): T => {
    const out = data.slice() as T
    for (let i = 0; i < data.length; i++) out[i - (i % width) + width - 1 - (i % width)] = data[i]!
    return out
  }
  const channels = sequence.channels.map((channel) => ({ ...channel, frames: channel.frames.map(flipped) }))
  return {
    synthetic: true,
    sequence: FrameSequence.from({ ...sequence, channels }, sequence),
    lamps: lamps.map(flipped),
    lesion: Mask.from(flipped(lesion.data), lesion),
    reference: Mask.from(flipped(reference.data), reference),
  }
}

function isBeyondOutline(x: number, y: number): boolean {
  return Math.hypot((x - OUTLINE.x) / OUTLINE.acrossPx, (y - OUTLINE.y) / OUTLINE.downPx) > 1
}

/**
 * The recording with photon noise: normal, its variance in proportion to the signal.
 * @param snr mean over standard deviation of a pixel of intensity 1; darker ones have less, by the square root.
 */
export function withPhotonNoise(sequence: FrameSequence, snr: number, seed: number): FrameSequence {
  const random = seededRandom(seed, 'photons')
  const noisy = (frame: Float32Array) => frame.map((signal) => signal + (Math.sqrt(signal) / snr) * random.normal())
  const channels = sequence.channels.map((channel) => ({ ...channel, frames: channel.frames.map(noisy) }))
  return FrameSequence.from({ ...sequence, channels }, sequence)
}

/** What the light goes through in one pose, [H×W]. */
interface Tissue {
  /** Optical density that does not change. */
  readonly density: Float64Array
  /** How far the pixel follows the lesion's course, 0..1; it follows that of the surroundings for the rest. */
  readonly share: Float64Array
}

function tissueIn(pose: Pose, anatomy: Anatomy, { width, height }: Size): Tissue {
  const [cos, sin] = [Math.cos(pose.angleRad), Math.sin(pose.angleRad)]
  const tissue = { density: new Float64Array(width * height), share: new Float64Array(width * height) }
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [u, v] = [x - pose.x - width / 2, y - pose.y - height / 2]
      const [bodyX, bodyY] = [cos * u + sin * v + width / 2, cos * v - sin * u + height / 2]
      tissue.density[i] = anatomy(bodyX, bodyY)
      tissue.share[i] = lesionShare(bodyX, bodyY)
    }
  }
  return tissue
}

/** Light of one LED where it leaves the breast, were that clear; about 1 opposite the LED. It moves with no pose. */
function lampOf(led: number, { width, height, leds }: Size & { readonly leds: number }): Float32Array {
  const middle = ((led + 0.5) / leds) * width
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return 0.4 + 0.6 * Math.exp(-(((x - middle) / (0.4 * width)) ** 2) - ((y - height / 2) / height) ** 2)
  })
}

/** One frame: lamp × exp(-(static + changing optical density)). */
function exposure(lamp: Float32Array, tissue: Tissue, timeS: number, options: PhantomOptions): Float32Array {
  const [inLesion, around] = [opticalDensityAt(options.lesion, timeS), opticalDensityAt(options.surroundings, timeS)]
  return Float32Array.from(lamp, (light, i) => {
    const [density, share] = [tissue.density[i]!, tissue.share[i]!]
    const changing = density === BEYOND_OUTLINE ? 0 : share * inLesion + (1 - share) * around
    return light * Math.exp(-(density + changing))
  })
}

function lesionShare(x: number, y: number): number {
  const distance = Math.hypot(x - LESION.x, y - LESION.y)
  const t = Math.min(1, Math.max(0, (LESION.nonePx - distance) / (LESION.nonePx - LESION.wholePx)))
  return t * t * (3 - 2 * t)
}

/** Optical density that does not change, at a place of the breast. */
type Anatomy = (x: number, y: number) => number

/** A few vessels seen through tissue: dark bands of some pixels, as scattering leaves them. */
function drawAnatomy(random: Random, { width, height }: Size): Anatomy {
  const vessels = Array.from({ length: 6 }, () => ({
    density: random.between(0.1, 0.25),
    widthPx: random.between(1.5, 3),
    angleRad: random.between(0, Math.PI),
    offsetPx: random.between(-0.35, 0.35) * height,
    bendPx: random.between(3, 8),
    lengthPx: random.between(30, 60),
    phase: random.between(0, 2 * Math.PI),
  }))
  return (x, y) => {
    let density = 0
    for (const vessel of vessels) {
      const [u, v] = [x - width / 2, y - height / 2]
      const along = u * Math.cos(vessel.angleRad) + v * Math.sin(vessel.angleRad)
      const across = v * Math.cos(vessel.angleRad) - u * Math.sin(vessel.angleRad) - vessel.offsetPx
      const middle = vessel.bendPx * Math.sin((2 * Math.PI * along) / vessel.lengthPx + vessel.phase)
      density += vessel.density * Math.exp(-(((across - middle) / vessel.widthPx) ** 2) / 2)
    }
    return density
  }
}

function disc(middle: { x: number; y: number; regionPx: number }, size: Size): Mask {
  const mask = Mask.empty(size)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      if (Math.hypot(x - middle.x, y - middle.y) <= middle.regionPx) mask.data[y * size.width + x] = 1
    }
  }
  return mask
}
