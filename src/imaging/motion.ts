/**
 * Motion of the breast between the frames of a sequence, as a translation. Phase correlation finds it to the pixel over
 * the whole image; least squares on the grey values finds the rest. Phase correlation alone stayed at 0.15 px (median,
 * synthetic recordings of SNR 20) where least squares reached 0.07 px, the Cramér-Rao bound being 0.065 px: light that
 * went through a breast has few sharp edges, and whitening its spectrum raises the noise. OpenCV's findTransformECC
 * does as well on the same planes, but OpenCV is no dependency of the running software.
 */
import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { type Channel, FrameSequence } from '#core/sequence.ts'
import { boxMean } from './box-mean.ts'
import type { ComplexPlane } from './fourier.ts'
import { spectrumOf, wholePixelShift } from './phase-correlation.ts'

/** How far what the frame shows lies from where the reference shows it: frame(x + shift) = reference(x). Pixels. */
export interface Shift {
  readonly x: number
  readonly y: number
}

export interface FrameMotion {
  readonly shiftPx: Shift
  /**
   * Root mean square over the four quarters of the image of the shift that is left there after compensation: near 0 for
   * a pure translation, more where the breast turned or changed its form. Noise alone leaves some (0.12 px at SNR 20).
   */
  readonly residualPx: number
}

export interface Compensated {
  readonly sequence: FrameSequence
  /** The pixels that every frame of every channel shows; at the others the nearest edge was repeated. */
  readonly covered: Mask
  /** [channel][frame] against the channel's first frame. */
  readonly motion: readonly (readonly FrameMotion[])[]
}

/** The lamps stay while the breast moves: what is wider than this is theirs and is taken out. */
const LAMP_RADIUS_PX = 8
/** Half the side of the square that quiets the noise. */
const SMOOTH_RADIUS_PX = 1
/** Below this correlation of the two aligned planes there is nothing to align by. */
const LEAST_AGREEMENT = 0.5
const MOST_STEPS = 15
/** Pixels; a tenth of what can be told at SNR 20. */
const STEP_TOLERANCE_PX = 0.005

/**
 * The frames of each channel moved onto its first one (Keys' cubic interpolation), or `motion-not-found` where a frame
 * has too little in common with it. Each channel by itself: the lamps light it in turns, at other moments. A place that
 * moved is seen under another part of its lamp's light, which alone can change it by 20%: where the signal itself is
 * measured, frames are to be divided by the lamp's flat field first.
 */
export function compensateMotion(sequence: FrameSequence): Compensated | Absent {
  const covered = Mask.from(new Uint8Array(sequence.width * sequence.height).fill(1), sequence)
  const channels: Channel[] = []
  const motion: FrameMotion[][] = []
  for (const channel of sequence.channels) {
    const shifts = shiftsOf(channel, sequence)
    if (isAbsent(shifts)) return shifts
    const frames = channel.frames.map((frame, i) => shifted(frame, sequence, shifts[i]!))
    for (const shift of shifts) uncover(covered, shift)
    channels.push({ ...channel, frames })
    motion.push(
      shifts.map((shiftPx, i) => ({ shiftPx, residualPx: residual(frames[0]!, frames[i]!, sequence, shiftPx) })),
    )
  }
  return { sequence: FrameSequence.from({ ...sequence, channels }, sequence), covered, motion }
}

/**
 * Shift of a frame against a reference of the same size, or `motion-not-found`. Grey values need not agree: what varies
 * slowly across the image, and so the lamp and an overall change of brightness, does not count.
 * @param reference H×W, any unit. @param frame H×W, the same unit.
 */
export function estimateShift(reference: Float32Array, frame: Float32Array, size: Size): Shift | Absent {
  return shiftAgainst(prepare(reference, size), frame, size)
}

/** A frame moved back by its shift: out(x) = frame(x + shift), H×W; places outside repeat the nearest edge. */
export function shifted(frame: Float32Array, { width, height }: Size, { x: dx, y: dy }: Shift): Float32Array {
  const [left, top] = [Math.floor(dx), Math.floor(dy)]
  const [alongX, alongY] = [cubicWeights(dx - left), cubicWeights(dy - top)]
  const rows = new Float64Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      for (let k = 0; k < 4; k++) rows[i]! += alongX[k]! * frame[y * width + clamp(x + left + k - 1, width)]!
    }
  }
  const out = new Float32Array(width * height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let sum = 0
      for (let k = 0; k < 4; k++) sum += alongY[k]! * rows[clamp(y + top + k - 1, height) * width + x]!
      out[i] = sum
    }
  }
  return out
}

/** Weights of the samples at -1, 0, 1 and 2 for a place at `t`, 0..1. Source: Keys, IEEE TASSP 29(6), 1981, a = -1/2. */
function cubicWeights(t: number): readonly number[] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ]
}

function clamp(place: number, length: number): number {
  return place < 0 ? 0 : place >= length ? length - 1 : place
}

interface Reference {
  readonly detail: Float32Array
  readonly spectrum: ComplexPlane
}

function prepare(reference: Float32Array, size: Size): Reference {
  const detail = detailOf(reference, size)
  return { detail, spectrum: spectrumOf(detail, size) }
}

/** What is finer than the lamp's light and coarser than the noise. */
function detailOf(frame: Float32Array, size: Size): Float32Array {
  const lamp = boxMean(frame, size, LAMP_RADIUS_PX)
  const detail = Float32Array.from(frame, (value, i) => value - lamp[i]!)
  return boxMean(detail, size, SMOOTH_RADIUS_PX)
}

function shiftsOf({ frames }: Channel, size: Size): readonly Shift[] | Absent {
  const reference = prepare(frames[0]!, size)
  const shifts: Shift[] = [{ x: 0, y: 0 }]
  for (const frame of frames.slice(1)) {
    const shift = shiftAgainst(reference, frame, size)
    if (isAbsent(shift)) return shift
    shifts.push(shift)
  }
  return shifts
}

/** Gauss-Newton from the whole pixel. Source: Lucas and Kanade, IJCAI 1981; gradients of both images averaged. */
function shiftAgainst({ detail, spectrum }: Reference, frame: Float32Array, size: Size): Shift | Absent {
  const other = detailOf(frame, size)
  let shift: Shift = wholePixelShift(spectrum, other, size)
  for (let i = 0; i < MOST_STEPS; i++) {
    const moved = shifted(other, size, shift)
    const step = gaussNewtonStep(detail, moved, size, inside(size, shift))
    shift = { x: shift.x + step.x, y: shift.y + step.y }
    if (!isWithin(shift, size)) return absent('motion-not-found')
    if (Math.hypot(step.x, step.y) < STEP_TOLERANCE_PX) break
  }
  const agreement = correlation(detail, shifted(other, size, shift), size, inside(size, shift))
  return agreement >= LEAST_AGREEMENT ? shift : absent('motion-not-found')
}

/** False also for what is no number, as where there is no structure at all. */
function isWithin(shift: Shift, { width, height }: Size): boolean {
  return Math.abs(shift.x) < width / 4 && Math.abs(shift.y) < height / 4
}

interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What both images show after the shift, less what smoothing and interpolation fill from outside. Right, bottom out. */
function inside({ width, height }: Size, shift: Shift): Bounds {
  const [x, y] = [marginOf(shift.x), marginOf(shift.y)]
  return { left: x, top: y, right: width - x, bottom: height - y }
}

function marginOf(shift: number): number {
  return Math.ceil(Math.abs(shift)) + SMOOTH_RADIUS_PX + 3
}

/** The shift that takes most of `reference - moved` away, to first order, over the bounds. */
function gaussNewtonStep(reference: Float32Array, moved: Float32Array, { width }: Size, bounds: Bounds): Shift {
  let [xx, xy, yy, xe, ye] = [0, 0, 0, 0, 0]
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      const i = y * width + x
      const gx = (reference[i + 1]! - reference[i - 1]! + moved[i + 1]! - moved[i - 1]!) / 4
      const gy = (reference[i + width]! - reference[i - width]! + moved[i + width]! - moved[i - width]!) / 4
      const error = reference[i]! - moved[i]!
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
      xe += gx * error
      ye += gy * error
    }
  }
  const determinant = xx * yy - xy * xy
  return { x: (yy * xe - xy * ye) / determinant, y: (xx * ye - xy * xe) / determinant }
}

/** Correlation of two planes of mean 0 over the bounds, -1..1. */
function correlation(a: Float32Array, b: Float32Array, { width }: Size, bounds: Bounds): number {
  let [aa, ab, bb] = [0, 0, 0]
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let i = y * width + bounds.left; i < y * width + bounds.right; i++) {
      aa += a[i]! * a[i]!
      ab += a[i]! * b[i]!
      bb += b[i]! * b[i]!
    }
  }
  return ab / Math.sqrt(aa * bb)
}

/** A quarter without structure, as background has none, tells nothing; where all are such, the whole speaks for them. */
function residual(reference: Float32Array, compensated: Float32Array, size: Size, shift: Shift): number {
  const [a, b] = [detailOf(reference, size), detailOf(compensated, size)]
  const squareIn = (bounds: Bounds) => {
    const left = gaussNewtonStep(a, b, size, bounds)
    return left.x ** 2 + left.y ** 2
  }
  const whole = inside(size, shift)
  const told = quarters(whole).map(squareIn).filter(Number.isFinite)
  const squares = told.length > 0 ? told : [squareIn(whole)]
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
}

function quarters({ left, top, right, bottom }: Bounds): Bounds[] {
  const [x, y] = [(left + right) >> 1, (top + bottom) >> 1]
  return [
    { left, top, right: x, bottom: y },
    { left: x, top, right, bottom: y },
    { left, top: y, right: x, bottom },
    { left: x, top: y, right, bottom },
  ]
}

/** Takes out of `covered` what a frame of this shift does not show. */
function uncover(covered: Mask, { x: dx, y: dy }: Shift): void {
  const { width, height, data } = covered
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x + dx < 0 || y + dy < 0 || x + dx > width - 1 || y + dy > height - 1) data[i] = 0
    }
  }
}
