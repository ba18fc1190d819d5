import type { RasterImage } from '#core/image.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** What lies beyond these percentiles of the mean is black and white: a dead pixel would take the grey from the rest. */
const [BLACK, WHITE] = [0.5, 99.5]

/**
 * The picture of a recording that came without one: the mean of the baseline frames of its first channel, as they are
 * measured, 8 bits from its 0.5th to its 99.5th percentile. H×W of the sequence.
 */
export function pictureOfSequence({ sequence, baselineFrames }: RecordedSequence): RasterImage {
  const frames = sequence.channels[0]!.frames.slice(0, baselineFrames)
  const mean = meanFrame(frames)
  const ranked = mean.slice().sort()
  const at = (percentile: number) => ranked[Math.round((percentile / 100) * (ranked.length - 1))]!
  const [black, white] = [at(BLACK), at(WHITE)]
  const scale = white > black ? 255 / (white - black) : 0
  const data = Uint8Array.from(mean, (value) => Math.round(Math.min(255, Math.max(0, (value - black) * scale))))
  return { width: sequence.width, height: sequence.height, channels: 1, bitDepth: 8, data }
}

/** Pixel by pixel. frames: [T] of H×W each. */
export function meanFrame(frames: readonly Float32Array[]): Float32Array {
  return frames[0]!.map((_, i) => frames.reduce((sum, frame) => sum + frame[i]!, 0) / frames.length)
}
