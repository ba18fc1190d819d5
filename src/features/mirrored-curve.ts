import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { FrameSequence } from '#core/sequence.ts'
import { type Change, type Curve, changeOf, type KineticProtocol } from './curve.ts'

/** Frames less than this share of the region's shortest interval apart count as taken at one time. */
const SAME_TIME = 0.1

/** The mirrored place of a region over time, on the clock of the region's own recording. */
export interface MirroredCurve {
  readonly curve: Curve | Absent
  readonly change: Change | Absent
}

/** The changes of a region and of its mirrored place, each at the frames that both recordings have. */
export interface MatchedChanges {
  readonly own: Change | Absent
  readonly mirrored: Change | Absent
}

/** Whether two recordings can be compared at all: one kind of sequence with one unit. */
export function isSameKind(a: FrameSequence, b: FrameSequence): boolean {
  return a.kind === b.kind && a.signalUnit === b.signalUnit
}

/**
 * The curve of the mirrored place with its last baseline frame at that of the region: what is done to the breast begins
 * after it, and the clocks of two recordings have nothing else in common.
 * @param ownTimesS [T] of the region's frames. @param baselineFrames of the region's recording.
 * @param other curve of the mirrored place. @param protocol of its recording.
 */
export function onClockOf(
  ownTimesS: Float64Array,
  baselineFrames: number,
  other: Curve,
  protocol: KineticProtocol,
): MirroredCurve {
  const change = changeOf(other, protocol)
  const [ownEnd, otherEnd] = [ownTimesS[baselineFrames - 1], other.timesS[protocol.baselineFrames - 1]]
  // Without a frame after the baseline the change is absent already; the curve then keeps its own clock.
  const lateS = ownEnd === undefined || otherEnd === undefined ? 0 : ownEnd - otherEnd
  const timesS = other.timesS.map((time) => time + lateS)
  return { curve: { timesS, values: other.values }, change: isAbsent(change) ? change : { ...change, timesS } }
}

/**
 * The frames of two changes on one clock that were taken at the same time. Within the span that both cover each frame of
 * the one must have its frame of the other: nothing is made up between frames, so `frame-times-differ` otherwise, and
 * `too-few-frames` where the span ends with the baseline.
 */
export function matched(own: Change | Absent, mirrored: Change | Absent): MatchedChanges {
  if (isAbsent(own) || isAbsent(mirrored)) return { own, mirrored }
  const toleranceS = SAME_TIME * shortestInterval(own.timesS)
  const from = Math.max(own.timesS[0]!, mirrored.timesS[0]!) - toleranceS
  const to = Math.min(own.timesS.at(-1)!, mirrored.timesS.at(-1)!) + toleranceS
  const [a, b] = [within(own, from, to), within(mirrored, from, to)]
  const isMatched =
    a.timesS.length === b.timesS.length && a.timesS.every((time, i) => Math.abs(time - b.timesS[i]!) < toleranceS)
  if (!isMatched) return { own, mirrored: absent('frame-times-differ') }
  if (a.timesS.length <= a.baselineFrames) return { own, mirrored: absent('too-few-frames') }
  return { own: a, mirrored: { ...b, timesS: a.timesS } }
}

function shortestInterval(timesS: Float64Array): number {
  let shortest = Number.POSITIVE_INFINITY
  for (let i = 1; i < timesS.length; i++) shortest = Math.min(shortest, timesS[i]! - timesS[i - 1]!)
  return shortest
}

function within({ timesS, values, baselineFrames }: Change, from: number, to: number): Change {
  const isIn = (i: number) => timesS[i]! >= from && timesS[i]! <= to
  const kept = Array.from(timesS.keys()).filter(isIn)
  return {
    timesS: Float64Array.from(kept, (i) => timesS[i]!),
    values: Float64Array.from(kept, (i) => values[i]!),
    baselineFrames: kept.filter((i) => i < baselineFrames).length,
  }
}
