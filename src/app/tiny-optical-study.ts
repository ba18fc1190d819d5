/** Writes labelled-synthetic optical studies, for tests and for the bundled example: no recordings of women are public. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Side } from '#core/modality.ts'
import type { FrameSequence } from '#core/sequence.ts'
import { encodeMaskPng, encodePng } from '#imaging/encode.ts'
import { type Course, inMirror, type KineticPhantom, kineticPhantom, withPhotonNoise } from '#imaging/tiny-kinetics.ts'

export const CAPTURE_INTERVAL_S = 0.5
export const BASELINE_FRAMES = 3
/** 1 of the phantom, the light where nothing absorbs, as a 16-bit camera counts it. */
const FULL_WELL = 40_000

/** Blood trapped by the pressure gives up its oxygen and absorbs more; then fresh blood comes in. */
export const SYNTHETIC_LESION: Course = {
  shape: 'ramp',
  amplitude: 0.15,
  onsetS: 4.5,
  extremumS: 22,
  recoveryPerS: 0.004,
}
export const SYNTHETIC_SURROUNDINGS: Course = { shape: 'plateau', amplitude: 0.03, onsetS: 4.5, tauS: 6 }

/** Below it a pixel lies beyond the breast. */
const LEAST_LIGHT = 0.15

const NOTE = 'SYNTHETIC: computed, no recording of anybody. It proves nothing about patients.'

/**
 * Both breasts, mirrored, the right one with a lesion that a person outlined. @param seed of vessels and noise.
 * @param isSwapped the same study in a mirror: the left breast has the lesion, and each image is the other's mirror image.
 */
export async function writeOpticalStudy(folder: string, seed: number, isSwapped = false): Promise<void> {
  await mkdir(folder, { recursive: true })
  const [withLesion, without] = isSwapped ? (['L', 'R'] as const) : (['R', 'L'] as const)
  const images = [
    await writeSide(folder, withLesion, syntheticSide(seed, SYNTHETIC_LESION, isSwapped), true),
    await writeSide(folder, without, syntheticSide(seed + 1, SYNTHETIC_SURROUNDINGS, !isSwapped), false),
  ]
  const study = { id: 'synthetic-optical', date: '2026-03-01', modality: 'OT', note: NOTE, images }
  await writeFile(path.join(folder, 'study.json'), `${JSON.stringify(study, null, 2)}\n`)
}

async function writeSide(folder: string, side: Side, phantom: KineticPhantom, isOutlined: boolean) {
  const files = { file: `${side}.png`, sequence: `${side}-sequence.json`, outline: `${side}-outline.png` }
  const write = (name: string, content: Uint8Array | string) => writeFile(path.join(folder, name), content)
  await write(files.file, await pictureOf(phantom.sequence))
  await write(`${side}.npy`, npy(phantom.sequence))
  await write(`${side}-reference.png`, await encodeMaskPng(phantom.reference))
  if (isOutlined) await write(files.outline, await encodeMaskPng(phantom.lesion))
  const described = {
    ...{ kind: 'optical', array: `${side}.npy`, captureIntervalS: CAPTURE_INTERVAL_S },
    ...{ baselineFrames: BASELINE_FRAMES, reference: `${side}-reference.png` },
  }
  await write(files.sequence, `${JSON.stringify(described, null, 2)}\n`)
  const { outline, ...rest } = files
  return { ...rest, ...(isOutlined && { outline }), side, view: 'frontal' }
}

/** One recording with the noise of SNR 20 at each pixel. */
export function syntheticSide(seed: number, lesion: Course = SYNTHETIC_SURROUNDINGS, isMirrored = false) {
  const phantom = kineticPhantom({
    ...{ layout: 'three-led', captureIntervalS: CAPTURE_INTERVAL_S, seed, isOutlined: true },
    ...{ lesion, surroundings: SYNTHETIC_SURROUNDINGS },
  })
  const noisy = { ...phantom, sequence: withPhotonNoise(phantom.sequence, 20, seed) }
  return isMirrored ? inMirror(noisy) : noisy
}

/**
 * What a doctor outlines on: the frame of the middle LED in which the lesion is darkest, against its first one; black
 * where hardly any light came through, beyond the breast.
 */
export async function pictureOf({ channels, width, height }: FrameSequence): Promise<Uint8Array> {
  const { frames, timesS } = channels[channels.length >> 1]!
  const at = timesS.findIndex((time) => time >= 20)
  const data = Uint8Array.from(frames[0]!, (before, i) =>
    before < LEAST_LIGHT ? 0 : 255 * Math.min(1, Math.max(0, frames[at]![i]! / before - 0.5)),
  )
  return encodePng({ width, height, channels: 1, bitDepth: 8, data })
}

/** As NumPy would save it, uint16 [height, width, frames, LEDs]. */
export function npy({ channels, width, height }: FrameSequence): Uint8Array {
  const [frames, leds] = [channels[0]!.frames.length, channels.length]
  const counts = new Uint16Array(width * height * frames * leds)
  for (const [led, channel] of channels.entries()) {
    for (const [t, frame] of channel.frames.entries()) {
      for (const [i, light] of frame.entries()) {
        // a camera counts no less than nothing
        counts[(i * frames + t) * leds + led] = Math.max(0, Math.round(FULL_WELL * light))
      }
    }
  }
  const text = `{'descr': '<u2', 'fortran_order': False, 'shape': (${height}, ${width}, ${frames}, ${leds}), }`
  const header = new TextEncoder().encode(`${text.padEnd(117)}\n`)
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0)
  return Buffer.concat([magic, header, new Uint8Array(counts.buffer)])
}
