import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { seededRandom } from '#core/random.ts'
import { FrameSequence } from '#core/sequence.ts'
import { compensateMotion, estimateShift, type Shift, shifted } from './motion.ts'
import { type Course, kineticPhantom, type Pose, withPhotonNoise } from './tiny-kinetics.ts'

// The module is a promise of itself, which `import` cannot take.
const cv: typeof import('@techstark/opencv-js') = await createRequire(import.meta.url)('@techstark/opencv-js')

const LESION: Course = { shape: 'plateau', amplitude: 0.15, onsetS: 5, tauS: 8 }
const SURROUNDINGS: Course = { shape: 'plateau', amplitude: 0.05, onsetS: 5, tauS: 10 }

/** Of the first, third and fifth LED. */
function recording(snr: number, seed: number, poseAt: (timeS: number) => Pose): FrameSequence {
  const courses = { lesion: LESION, surroundings: SURROUNDINGS }
  const { sequence } = kineticPhantom({
    layout: 'five-led',
    captureIntervalS: 0.5,
    ...courses,
    seed,
    leds: [0, 2, 4],
    poseAt,
  })
  return snr === Number.POSITIVE_INFINITY ? sequence : withPhotonNoise(sequence, snr, seed)
}

const swaying =
  (seed: number, turnRad = 0) =>
  (timeS: number) => ({
    x: 2.5 * Math.sin(timeS / 6 + seed),
    y: 1.7 * Math.cos(timeS / 9 + 2 * seed),
    angleRad: (turnRad * timeS) / 37,
  })

function compensated(sequence: FrameSequence) {
  const result = compensateMotion(sequence)
  if (isAbsent(result)) throw new Error(result.absent)
  return result
}

/** Distance of every estimate to the true shift against the channel's first frame, pixels, in ascending order. */
function errorsPx(snr: number, seed: number): number[] {
  const poseAt = swaying(seed)
  const subject = recording(snr, seed, poseAt)
  const errors = compensated(subject).motion.flatMap((frames, led) => {
    const times = subject.channels[led]!.timesS
    const first = poseAt(times[0]!)
    return frames.slice(1).map(({ shiftPx }, i) => {
      const pose = poseAt(times[i + 1]!)
      return Math.hypot(shiftPx.x - (pose.x - first.x), shiftPx.y - (pose.y - first.y))
    })
  })
  return errors.sort((a, b) => a - b)
}

describe('synthetic recordings of a breast that moves under lamps that stay, while its light changes', () => {
  test.each([1, 2, 3])('without noise every shift is recovered within 0.1 px (seed %i)', (seed) => {
    expect(errorsPx(Number.POSITIVE_INFINITY, seed).at(-1)).toBeLessThan(0.1)
  })
  test.each([1, 2, 3])(
    'at SNR 20 the median error is below 0.1 px (the Cramér-Rao bound is 0.065) (seed %i)',
    (seed) => {
      const errors = errorsPx(20, seed)
      expect(errors[errors.length >> 1]).toBeLessThan(0.1)
    },
  )
  test('what is left after compensation tells a turn from a shift', () => {
    const residuals = (turnRad: number) =>
      compensated(recording(20, 4, swaying(4, turnRad))).motion.map((frames) => frames.at(-1)!.residualPx)
    for (const residual of residuals(0)) expect(residual).toBeLessThan(0.25)
    for (const residual of residuals(0.04)) expect(residual).toBeGreaterThan(0.35)
  })
  test('is a number also where a quarter of the image is background', () => {
    const random = seededRandom(5)
    const size = { width: 128, height: 102 }
    const frame = Float32Array.from({ length: size.width * size.height }, (_, i) =>
      i % size.width < 50 && i < 38 * size.width ? random.uniform() : 0,
    )
    const channels = [{ label: 'frames', timesS: Float64Array.of(0, 1), frames: [frame, frame.slice()] }]
    const compensated = compensateMotion(FrameSequence.from({ kind: 'thermal', signalUnit: '1', channels }, size))
    if (isAbsent(compensated)) throw new Error(compensated.absent)
    for (const { residualPx } of compensated.motion.flat()) expect(residualPx).toBeCloseTo(0, 6)
  })

  test('pixels that some frame does not show are not covered', () => {
    const { covered } = compensated(
      recording(Number.POSITIVE_INFINITY, 1, (timeS) => ({ x: timeS > 20 ? 4 : 0, y: 0, angleRad: 0 })),
    )
    const row = covered.data.subarray(50 * covered.width, 51 * covered.width)
    expect(row.lastIndexOf(1)).toBeGreaterThanOrEqual(covered.width - 6)
    expect(row.lastIndexOf(1)).toBeLessThanOrEqual(covered.width - 4)
    expect(row.indexOf(1)).toBeLessThanOrEqual(1)
  })
})

describe('two frames', () => {
  const poseAt = (timeS: number) => ({ x: timeS > 4 ? 3.3 : 0, y: timeS > 4 ? -1.6 : 0, angleRad: 0 })
  const sequence = recording(20, 5, poseAt)
  const frames = sequence.channels[1]!.frames
  const between = (a: Float32Array, b: Float32Array): Shift => {
    const shift = estimateShift(a, b, sequence)
    if (isAbsent(shift)) throw new Error(shift.absent)
    return shift
  }
  const [reference, frame] = [frames[0]!, frames[9]!]

  test('the shift back is the opposite of the shift', () => {
    const [there, back] = [between(reference, frame), between(frame, reference)]
    expect(Math.hypot(there.x + back.x, there.y + back.y)).toBeLessThan(0.02)
  })
  test('brightness and contrast of the frame do not count', () => {
    const [once, again] = [
      between(reference, frame),
      between(
        reference,
        frame.map((value) => 0.7 * value + 3),
      ),
    ]
    expect(Math.hypot(once.x - again.x, once.y - again.y)).toBeLessThan(0.03)
  })
  test("OpenCV's findTransformECC, given frames freed of the lamps, finds the same to 0.1 px", () => {
    const detail = (values: Float32Array) => {
      const [source, lamp, out] = [cv.matFromArray(102, 128, cv.CV_32F, [...values]), new cv.Mat(), new cv.Mat()]
      cv.blur(source, lamp, new cv.Size(17, 17))
      cv.subtract(source, lamp, out)
      return out
    }
    const motion = cv.matFromArray(2, 3, cv.CV_32F, [1, 0, 3, 0, 1, -2])
    const criteria = new cv.TermCriteria(3, 200, 1e-7)
    cv.findTransformECC(detail(reference), detail(frame), motion, cv.MOTION_TRANSLATION, criteria, new cv.Mat(), 5)
    const ours = between(reference, frame)
    expect(Math.hypot(ours.x - motion.data32F[2]!, ours.y - motion.data32F[5]!)).toBeLessThan(0.1)
  })
  test('frames with nothing in common have no shift', () => {
    const random = seededRandom(6)
    const noise = () => Float32Array.from(reference, () => random.uniform())
    expect(estimateShift(noise(), noise(), sequence)).toHaveProperty('absent')
    expect(estimateShift(reference, new Float32Array(reference.length).fill(1), sequence)).toHaveProperty('absent')
  })
})

test('moving by whole pixels and back keeps the values; cubic interpolation is exact on a slope', () => {
  const size = { width: 12, height: 10 }
  const slope = Float32Array.from({ length: 120 }, (_, i) => 2 * (i % 12) + 5 * Math.floor(i / 12))
  const there = shifted(slope, size, { x: 2, y: -1 })
  expect(there[5 * 12 + 5]).toBe(2 * 7 + 5 * 4)
  expect(shifted(slope, size, { x: 0.3, y: 0.6 })[5 * 12 + 5]).toBeCloseTo(2 * 5.3 + 5 * 5.6, 5)
})
