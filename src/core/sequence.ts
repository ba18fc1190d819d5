import { z } from 'zod'
import { ScreeningError } from './errors.ts'
import type { Size } from './image.ts'

/**
 * What makes the signal change within one screening: a contrast agent (MRI, contrast mammography), blood under gentle
 * pressure seen by near-infrared or red light (dynamic optical imaging), cooling or warming (thermography), or nothing
 * that is timed (a clip of handheld ultrasound).
 */
export const SequenceKind = z.enum(['contrast-agent', 'optical', 'thermal', 'ultrasound-cine'])
export type SequenceKind = z.infer<typeof SequenceKind>

/** Unit of the signal as UCUM writes it: degrees Celsius of a calibrated thermal camera, or `1` for grey. */
export const SignalUnit = z.enum(['Cel', '1'])
export type SignalUnit = z.infer<typeof SignalUnit>

/** The frames of one light source, or of the one channel that there is. */
export interface Channel {
  /** Distinguishes the channels of a sequence, for example `LED 1`. */
  readonly label: string
  /** [T] when each frame was taken, seconds from any one moment common to all channels; strictly increasing. */
  readonly timesS: Float64Array
  /** [T] frames of H×W samples each, row by row. */
  readonly frames: readonly Float32Array[]
}

export interface SequenceContent {
  readonly kind: SequenceKind
  readonly signalUnit: SignalUnit
  readonly channels: readonly Channel[]
}

/**
 * The frames of one view within one screening, each with its time: without times it is no sequence. The channels may
 * have been lit in turns, so each has times of its own. Valid once built.
 */
export class FrameSequence implements Size, SequenceContent {
  readonly width: number
  readonly height: number
  readonly kind: SequenceKind
  readonly signalUnit: SignalUnit
  readonly channels: readonly Channel[]

  private constructor({ kind, signalUnit, channels }: SequenceContent, { width, height }: Size) {
    this.width = width
    this.height = height
    this.kind = kind
    this.signalUnit = signalUnit
    this.channels = channels
  }

  /**
   * @throws SEQUENCE_INVALID when there is no channel or no frame, two channels have one label, times are not one for
   *   each frame, finite and strictly increasing, a frame does not have `width * height` finite samples, or a signal
   *   other than a thermal one is in degrees.
   */
  static from(content: SequenceContent, size: Size): FrameSequence {
    const { channels, kind, signalUnit } = content
    if (channels.length === 0) throw invalid('there is no channel')
    if (new Set(channels.map(({ label }) => label)).size !== channels.length) {
      throw invalid('two channels have the same label')
    }
    if (signalUnit === 'Cel' && kind !== 'thermal') throw invalid(`a signal in degrees is not ${kind}`)
    for (const channel of channels) checkChannel(channel, size)
    return new FrameSequence(content, size)
  }
}

function checkChannel({ label, timesS, frames }: Channel, { width, height }: Size): void {
  if (frames.length === 0) throw invalid('there is no frame', { channel: label })
  if (timesS.length !== frames.length) {
    throw invalid('each frame needs its time', { channel: label, times: timesS.length, frames: frames.length })
  }
  for (const [i, time] of timesS.entries()) {
    const before = timesS[i - 1] ?? Number.NEGATIVE_INFINITY
    if (!Number.isFinite(time) || time <= before) {
      throw invalid('times must be finite and strictly increasing', { channel: label, frame: i })
    }
  }
  for (const [i, frame] of frames.entries()) {
    if (frame.length !== width * height) {
      throw invalid('a frame has another size', { channel: label, frame: i, samples: frame.length, width, height })
    }
    if (!frame.every(Number.isFinite)) {
      throw invalid('a frame has samples that are not finite numbers', { channel: label, frame: i })
    }
  }
}

function invalid(reason: string, facts: Readonly<Record<string, string | number>> = {}): ScreeningError {
  return new ScreeningError('SEQUENCE_INVALID', { reason, ...facts })
}
