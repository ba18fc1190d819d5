import { type Absent, isAbsent } from '#core/absent.ts'
import type { Channel } from '#core/sequence.ts'
import { measureChange } from './change.ts'
import { changeOf, type KineticProtocol, refusalOf } from './curve.ts'

/**
 * Kinetics of every pixel of a channel, each map H×W, row by row; NaN where the pixel has none (its baseline is not
 * above 0, or what happens there does not stand out of its noise).
 */
export interface KineticMaps {
  /** Change farthest from 0 with its sign, in the unit of the change. */
  readonly extremum: Float32Array
  /** From the last baseline frame to the extremum, seconds. */
  readonly timeToExtremumS: Float32Array
  /** Of the way to the extremum, unit of the change per second. */
  readonly slopeBefore: Float32Array
}

const MAPPED = ['extremum', 'timeToExtremumS', 'slopeBefore'] as const satisfies readonly (keyof KineticMaps)[]

/**
 * The features of `core/kinetic-features.ts` of the same names, pixel by pixel. A pixel has the noise of a pixel: the
 * region's own features are had from its mean curve, not from these maps.
 * @throws SEQUENCE_INVALID when `baselineFrames` is no whole number of at least 1.
 */
export function kineticMaps({ timesS, frames }: Channel, protocol: KineticProtocol): KineticMaps | Absent {
  const refusal = refusalOf(protocol, frames.length)
  if (refusal !== undefined) return refusal
  const pixels = frames[0]!.length
  const map = () => new Float32Array(pixels).fill(Number.NaN)
  const maps: KineticMaps = { extremum: map(), timeToExtremumS: map(), slopeBefore: map() }
  const values = new Float64Array(frames.length)
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let frame = 0; frame < frames.length; frame++) values[frame] = frames[frame]![pixel]!
    const measured = measureChange(changeOf({ timesS, values }, protocol))
    for (const name of MAPPED) {
      const value = measured[name]
      if (!isAbsent(value)) maps[name][pixel] = value
    }
  }
  return maps
}
