import path from 'node:path'
import { z } from 'zod'
import { type Absent, absent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Mask } from '#core/mask.ts'
import { type Channel, FrameSequence, SequenceKind, SignalUnit } from '#core/sequence.ts'
import { readBytes } from '#disk/read.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { OPTICAL_LAYOUTS, opticalSequence, timesOfCaptures } from '#imaging/dynamic-optical.ts'
import { toGrey } from '#imaging/grey.ts'
import { readMat } from '#imaging/mat.ts'
import { readNpy } from '#imaging/npy.ts'
import type { NumberArray } from '#imaging/number-array.ts'

const FileName = z.string().min(1).describe('Path relative to the folder of this file')
const Times = z.array(z.number())

/** `sequence.json`: the frames of one view within one screening, and what must be known to measure them. */
export const SequenceFile = z
  .strictObject({
    kind: SequenceKind,
    signalUnit: SignalUnit.default('1'),
    frames: z.array(z.strictObject({ file: FileName, timeS: z.number().optional() })).optional(),
    array: FileName.optional().describe(
      '.npy or .mat: [frames, height, width], or a layout of dynamic optical imaging',
    ),
    variable: z.string().default('img4D').describe('Of a .mat file'),
    timesS: z
      .union([Times, z.array(Times)])
      .optional()
      .describe('Of an array: one each frame, or a list for each LED'),
    captureIntervalS: z.number().positive().optional().describe('Between captures of LEDs that are lit in turn'),
    baselineFrames: z.int().positive().describe('Frames before anything was done'),
    earlyFrame: z.int().positive().optional().describe('Contrast series: the frame of the initial phase, from 0'),
    reference: FileName.optional().describe('Mask of tissue of the same breast to compare with'),
  })
  .refine(({ frames, array }) => (frames === undefined) !== (array === undefined), 'give either frames or array')
type SequenceFile = z.infer<typeof SequenceFile>

/** A sequence with its protocol. */
export interface RecordedSequence {
  readonly sequence: FrameSequence
  readonly reference: Mask | undefined
  readonly baselineFrames: number
  readonly earlyFrame: number | undefined
}

/**
 * Reads a `sequence.json` and what it names. Without a time for every frame there is no sequence:
 * `frame-times-not-given`.
 * @throws FILE_UNREADABLE, SEQUENCE_INVALID, ARRAY_UNREADABLE; as `decodeImage` and `decodeMask`.
 */
export async function readSequence(file: string): Promise<RecordedSequence | Absent> {
  const described = parse(await readBytes(file), path.basename(file))
  const folder = path.dirname(file)
  const sequence = await (described.frames ? fromFrames(described, folder) : fromArray(described, folder))
  if ('absent' in sequence) return sequence
  const { baselineFrames, earlyFrame, reference } = described
  const mask = reference === undefined ? undefined : await readMask(path.join(folder, reference))
  return { sequence, baselineFrames, earlyFrame, reference: mask }
}

async function readMask(file: string): Promise<Mask> {
  return decodeMask(await readBytes(file), path.basename(file))
}

function parse(bytes: Uint8Array, file: string): SequenceFile {
  try {
    return SequenceFile.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : 'not JSON'
    throw new ScreeningError('SEQUENCE_INVALID', { file, problem }, { cause })
  }
}

async function fromFrames({ frames = [], ...content }: SequenceFile, folder: string): Promise<FrameSequence | Absent> {
  const times = frames.flatMap(({ timeS }) => timeS ?? [])
  if (times.length < frames.length) return absent('frame-times-not-given')
  const images = []
  for (const { file } of frames) {
    images.push(toGrey(await decodeImage(await readBytes(path.join(folder, file)), path.basename(file))))
  }
  const [first] = images
  if (first === undefined) throw new ScreeningError('SEQUENCE_INVALID', { reason: 'there is no frame' })
  const channel = { label: 'frames', timesS: Float64Array.from(times), frames: images.map(({ data }) => data) }
  return FrameSequence.from({ ...content, channels: [channel] }, first)
}

async function fromArray(described: SequenceFile, folder: string): Promise<FrameSequence | Absent> {
  const { array: name = '', variable, kind, signalUnit, timesS, captureIntervalS } = described
  const bytes = await readBytes(path.join(folder, name))
  const file = path.basename(name)
  const array = name.toLowerCase().endsWith('.mat') ? readMat(bytes, variable, file) : readNpy(bytes, file)
  if (array.shape.length === 4) {
    if (kind !== 'optical')
      throw new ScreeningError('SEQUENCE_INVALID', { reason: 'four dimensions are optical', kind })
    const times = ledTimes(array, timesS, captureIntervalS)
    return times === undefined ? absent('frame-times-not-given') : opticalSequence(array, times)
  }
  const [frames = 0, height = 0, width = 0, ...more] = array.shape
  if (more.length > 0 || width === 0) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'an array is [frames, height, width]', shape: array.shape })
  }
  if (timesS === undefined) return absent('frame-times-not-given')
  const channel: Channel = {
    label: 'frames',
    timesS: Float64Array.from(timesS.flat()),
    frames: Array.from({ length: frames }, (_, t) =>
      Float32Array.from(array.data.subarray(t * height * width, (t + 1) * height * width)),
    ),
  }
  return FrameSequence.from({ kind, signalUnit, channels: [channel] }, { width, height })
}

/** When each LED's frames were taken: as listed, or from the interval between captures. */
function ledTimes({ shape }: NumberArray, timesS: SequenceFile['timesS'], intervalS: number | undefined) {
  if (timesS !== undefined) return timesS.map((times) => Float64Array.from([times].flat()))
  const layout = Object.values(OPTICAL_LAYOUTS).find(({ frames, leds }) => shape[2] === frames && shape[3] === leds)
  return intervalS === undefined || layout === undefined ? undefined : timesOfCaptures(layout, intervalS)
}
