import { ScreeningError } from '#core/errors.ts'
import type { Size } from '#core/image.ts'
import { type Channel, FrameSequence } from '#core/sequence.ts'
import type { NumberArray } from './number-array.ts'

interface OpticalLayout extends Size {
  readonly frames: number
  readonly leds: number
}

/**
 * The two recordings of dynamic optical breast imaging, 75 captures each: three LEDs for cups A to C, five for cup D
 * and up. Arrays are [height, width, frames, LEDs] (MATLAB variable `img4D`).
 * Source: https://github.com/AlexJerryPolyU/DOBI-breast-cancer-classification-project, project overview.
 */
export const OPTICAL_LAYOUTS = {
  'three-led': { width: 128, height: 102, frames: 25, leds: 3 },
  'five-led': { width: 128, height: 102, frames: 15, leds: 5 },
} as const satisfies Record<string, OpticalLayout>
export type OpticalLayoutName = keyof typeof OPTICAL_LAYOUTS

/**
 * [LED][frame] times in seconds of captures `intervalS` apart, the LEDs lit in turn. The published descriptions leave
 * open whether their 500 ms is between captures, as here, or between the frames of one LED: it is to be had from the
 * device or its operator, so the interval has no default.
 */
export function timesOfCaptures({ frames, leds }: OpticalLayout, intervalS: number): Float64Array[] {
  return Array.from({ length: leds }, (_, led) =>
    Float64Array.from({ length: frames }, (_, frame) => (frame * leds + led) * intervalS),
  )
}

/**
 * The sequence of a recorded array, one channel per LED from left to right.
 * @param array [102, 128, 25, 3] or [102, 128, 15, 5], intensity of the light in any unit.
 * @param timesS [LED][frame].
 * @throws SEQUENCE_INVALID when the shape is neither of the two or the times do not fit it.
 */
export function opticalSequence({ shape, data }: NumberArray, timesS: readonly Float64Array[]): FrameSequence {
  const layout = Object.values(OPTICAL_LAYOUTS).find(
    ({ height, width, frames, leds }) => String(shape) === String([height, width, frames, leds]),
  )
  if (layout === undefined) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'neither layout of dynamic optical imaging', shape })
  }
  if (timesS.length !== layout.leds) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'times are one list for each LED', lists: timesS.length })
  }
  const channels = Array.from({ length: layout.leds }, (_, led) => channelOf(data, layout, led, timesS[led]!))
  return FrameSequence.from({ kind: 'optical', signalUnit: '1', channels }, layout)
}

/**
 * Frames divided by what the camera sees of each LED where nothing absorbs (through an even phantom, or nothing), so
 * that a place of the breast keeps its value when it moves under another part of the lamp's light. Unitless.
 * @param flats [channel] H×W, above 0, in the unit of the frames.
 * @throws SHAPE_MISMATCH when there is not one of the right size for each channel; SEQUENCE_INVALID where one has a
 *   pixel that is not above 0.
 */
export function flatFielded(sequence: FrameSequence, flats: readonly Float32Array[]): FrameSequence {
  if (flats.length !== sequence.channels.length) {
    throw new ScreeningError('SHAPE_MISMATCH', { flats: flats.length, channels: sequence.channels.length })
  }
  const channels = sequence.channels.map((channel, i) => {
    const flat = flats[i]!
    checkFlat(flat, sequence)
    return { ...channel, frames: channel.frames.map((frame) => frame.map((value, pixel) => value / flat[pixel]!)) }
  })
  return FrameSequence.from({ ...sequence, channels }, sequence)
}

function checkFlat(flat: Float32Array, { width, height }: Size): void {
  if (flat.length !== width * height) {
    throw new ScreeningError('SHAPE_MISMATCH', { samples: flat.length, size: [width, height] })
  }
  if (!flat.every((value) => value > 0)) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'a flat field has a pixel that is not above 0' })
  }
}

function channelOf(data: Float64Array, layout: OpticalLayout, led: number, timesS: Float64Array): Channel {
  const { width, height, frames, leds } = layout
  const planes = Array.from({ length: frames }, (_, frame) => {
    const plane = new Float32Array(width * height)
    for (let i = 0; i < plane.length; i++) plane[i] = data[(i * frames + frame) * leds + led]!
    return plane
  })
  return { label: `LED ${led + 1}`, timesS, frames: planes }
}
