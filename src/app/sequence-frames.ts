import path from 'node:path'
import { type Absent, absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { RasterImage, Size } from '#core/image.ts'
import { FrameSequence } from '#core/sequence.ts'
import { readBytes } from '#disk/read.ts'
import { decodeFrames, decodeImage } from '#imaging/decode.ts'
import { OPTICAL_LAYOUTS, opticalSequence, timesOfCaptures } from '#imaging/dynamic-optical.ts'
import { toGrey } from '#imaging/grey.ts'
import { readMat } from '#imaging/mat.ts'
import { readNpy } from '#imaging/npy.ts'
import type { NumberArray } from '#imaging/number-array.ts'
import { pathWithin } from './path-within.ts'
import type { SequenceFile } from './sequence-file.ts'

const PICTURES = /\.(tiff?|webp)$/i

/** The frames that a `sequence.json` names. @throws as `readSequence`. */
export async function readFrames(described: SequenceFile, folder: string): Promise<FrameSequence | Absent> {
  const { array } = described
  if (array === undefined) return fromPictures(described, folder)
  const file = await pathWithin(folder, array)
  return PICTURES.test(array) ? fromFilm(described, file) : fromArray(described, file)
}

/** An array of numbers from a file, [..., height, width] or a layout of dynamic optical imaging. */
export async function readArray(file: string, variable: string): Promise<NumberArray> {
  const [bytes, name] = [await readBytes(file), path.basename(file)]
  return isMatlab(name) ? readMat(bytes, variable, name) : readNpy(bytes, name)
}

async function fromPictures(described: SequenceFile, folder: string): Promise<FrameSequence | Absent> {
  const { frames = [] } = described
  const times = frames.flatMap(({ timeS }) => timeS ?? [])
  if (times.length < frames.length) return absent('frame-times-not-given')
  const pictures: RasterImage[] = []
  for (const { file } of frames) {
    pictures.push(await decodeImage(await readBytes(await pathWithin(folder, file)), path.basename(file)))
  }
  return ofPictures(described, pictures, times)
}

async function fromFilm(described: SequenceFile, file: string): Promise<FrameSequence | Absent> {
  const pictures = await decodeFrames(await readBytes(file), path.basename(file))
  return described.timesS === undefined
    ? absent('frame-times-not-given')
    : ofPictures(described, pictures, described.timesS.flat())
}

function ofPictures(described: SequenceFile, pictures: readonly RasterImage[], times: readonly number[]) {
  const [first] = pictures
  if (first === undefined) throw new ScreeningError('SEQUENCE_INVALID', { reason: 'there is no frame' })
  return oneChannel(
    described,
    pictures.map((picture) => samplesOf(picture, described)),
    times,
    first,
  )
}

/** Grey 0..1 of the file's range, or what the samples stand for. */
function samplesOf(picture: RasterImage, { temperature }: SequenceFile): Float32Array {
  if (temperature === undefined) return toGrey(picture).data
  if (picture.channels !== 1) {
    throw new ScreeningError('SEQUENCE_INVALID', {
      reason: 'temperatures have one channel',
      channels: picture.channels,
    })
  }
  return Float32Array.from(picture.data, (sample) => sample * temperature.scale + temperature.offset)
}

async function fromArray(described: SequenceFile, file: string): Promise<FrameSequence | Absent> {
  const { variable, kind, timesS, captureIntervalS, temperature } = described
  const array = await readArray(file, variable)
  if (array.shape.length === 4) {
    if (kind !== 'optical')
      throw new ScreeningError('SEQUENCE_INVALID', { reason: 'four dimensions are optical', kind })
    const times = ledTimes(array, timesS, captureIntervalS)
    return times === undefined ? absent('frame-times-not-given') : opticalSequence(array, times)
  }
  if (array.shape.length !== 3) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'an array is [frames, height, width]', shape: array.shape })
  }
  if (timesS === undefined) return absent('frame-times-not-given')
  const [, height = 0, width = 0] = array.shape
  const { scale, offset } = temperature ?? { scale: 1, offset: 0 }
  const frames = planesOf(array).map((plane) => plane.map((sample) => sample * scale + offset))
  return oneChannel(described, frames, timesS.flat(), { width, height })
}

/** The planes of an array [planes, height, width]. */
export function planesOf({ shape, data }: NumberArray): Float32Array[] {
  const [planes = 0, height = 0, width = 0] = shape
  const length = height * width
  return Array.from({ length: planes }, (_, i) => Float32Array.from(data.subarray(i * length, (i + 1) * length)))
}

function oneChannel(
  { kind, signalUnit, temperature }: SequenceFile,
  frames: readonly Float32Array[],
  times: readonly number[],
  size: Size,
): FrameSequence {
  const channel = { label: 'frames', timesS: Float64Array.from(times), frames }
  return FrameSequence.from({ kind, signalUnit: temperature ? 'Cel' : signalUnit, channels: [channel] }, size)
}

/** When each LED's frames were taken: as listed, or from the interval between captures. */
function ledTimes({ shape }: NumberArray, timesS: SequenceFile['timesS'], intervalS: number | undefined) {
  if (timesS !== undefined) return timesS.map((times) => Float64Array.from([times].flat()))
  const layout = Object.values(OPTICAL_LAYOUTS).find(({ frames, leds }) => shape[2] === frames && shape[3] === leds)
  return intervalS === undefined || layout === undefined ? undefined : timesOfCaptures(layout, intervalS)
}

export function isMatlab(name: string): boolean {
  return name.toLowerCase().endsWith('.mat')
}
