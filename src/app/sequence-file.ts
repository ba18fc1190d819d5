import { createHash } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { type Absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { ChannelMotion } from '#core/kinetics.ts'
import type { Mask } from '#core/mask.ts'
import { type FrameSequence, SequenceKind, SignalUnit } from '#core/sequence.ts'
import { readBytes } from '#disk/read.ts'
import { decodeMask } from '#imaging/decode.ts'
import { flatFielded } from '#imaging/dynamic-optical.ts'
import { pathWithin } from './path-within.ts'
import { isMatlab, planesOf, readArray, readFrames } from './sequence-frames.ts'
import { settleMotion } from './settle-motion.ts'

const FileName = z.string().min(1).describe('Path relative to the folder of this file')
const Times = z.array(z.number())

/** `sequence.json`: the frames of one view within one screening, and what must be known to measure them. */
export const SequenceFile = z
  .strictObject({
    kind: SequenceKind,
    signalUnit: SignalUnit.default('1'),
    temperature: z
      .strictObject({ scale: z.number().positive(), offset: z.number() })
      .optional()
      .describe('Thermal: degrees Celsius of a raw sample, sample × scale + offset'),
    frames: z.array(z.strictObject({ file: FileName, timeS: z.number().optional() })).optional(),
    array: FileName.optional().describe(
      '.npy or .mat: [frames, height, width], or a layout of dynamic optical imaging; or a .tif of several pages',
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
    flatField: FileName.optional().describe('.npy [LEDs, height, width]: what the camera sees where nothing absorbs'),
  })
  .refine(({ frames, array }) => (frames === undefined) !== (array === undefined), 'give either frames or array')
  .refine(({ kind, flatField }) => flatField === undefined || kind === 'optical', 'a flat field is of optical imaging')
export type SequenceFile = z.infer<typeof SequenceFile>

/** A sequence with its protocol, as far as possible with the breast in one place. */
export interface RecordedSequence {
  readonly sequence: FrameSequence
  /** The pixels that every frame shows. */
  readonly covered: Mask
  readonly reference: Mask | undefined
  readonly baselineFrames: number
  readonly earlyFrame: number | undefined
  readonly motion: readonly ChannelMotion[] | Absent
  readonly isCompensated: boolean
}

/**
 * Reads a `sequence.json` and what it names, and settles the motion. Without a time for every frame there is no sequence:
 * `frame-times-not-given`.
 * @throws FILE_UNREADABLE, SEQUENCE_INVALID, ARRAY_UNREADABLE, PATH_OUTSIDE_STUDY; as `decodeImage` and `decodeMask`.
 */
export async function readSequence(file: string): Promise<RecordedSequence | Absent> {
  const described = parse(await readBytes(file), path.basename(file))
  const folder = path.dirname(file)
  const recorded = await readFrames(described, folder)
  if (isAbsent(recorded)) return recorded
  const { baselineFrames, earlyFrame, reference, flatField, variable } = described
  const hasFlatField = flatField !== undefined
  const flats = hasFlatField ? planesOf(await readArray(await pathWithin(folder, flatField), variable)) : []
  const sequence = hasFlatField ? flatFielded(recorded, flats) : recorded
  checkEarlyFrame(described, sequence)
  const mask = reference === undefined ? undefined : await readMask(await pathWithin(folder, reference))
  return { ...settleMotion(sequence, hasFlatField), baselineFrames, earlyFrame, reference: mask }
}

/** What was recorded, whatever the file that names it. */
export interface Recording {
  /** Of the files of its frames in order, as they are on disk. */
  readonly sha256: string
  /** Which array of that file, where it may hold several: one file of MATLAB may hold both breasts. */
  readonly variable: string | undefined
}

export async function recordingOf(file: string): Promise<Recording> {
  const { array, variable, frames = [] } = parse(await readBytes(file), path.basename(file))
  const hash = createHash('sha256')
  for (const name of array === undefined ? frames.map(({ file: frame }) => frame) : [array]) {
    hash.update(await readBytes(await pathWithin(path.dirname(file), name)))
  }
  return { sha256: hash.digest('hex'), variable: array !== undefined && isMatlab(array) ? variable : undefined }
}

/** An early frame of the baseline, or of no frame, is a slip of the pen. */
function checkEarlyFrame({ earlyFrame, baselineFrames }: SequenceFile, { channels }: FrameSequence): void {
  if (earlyFrame === undefined) return
  if (earlyFrame < baselineFrames || channels.some(({ frames }) => earlyFrame >= frames.length)) {
    throw new ScreeningError('SEQUENCE_INVALID', { reason: 'the early frame is after the baseline', earlyFrame })
  }
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
