/** A cross-validation small enough for a test: pieces of the bundled ultrasound, 64 pixels, two folds of two epochs. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import type { CrossValidateOptions } from './cross-validate.ts'

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/ultrasound-one-side')
const PIECE = 160

/** Twelve pieces, three of each patient: the lesion's surroundings shifted a little, and tissue without it. */
export const TINY_PIECES = Array.from({ length: 12 }, (_, i) => ({
  id: `piece${i}`,
  patient: `woman${Math.floor(i / 3)}`,
  class: i % 3 === 2 ? 'normal' : 'benign',
}))

/** Cuts the pieces and writes their manifest. @returns its path. */
export async function writeTinyManifest(folder: string): Promise<string> {
  const at = await lesionCentre()
  for (const [i, { id, class: kind }] of TINY_PIECES.entries()) {
    const centre =
      kind === 'normal' ? { x: PIECE, y: PIECE / 2 + 4 * i } : { x: at.x + 7 * (i - 6), y: at.y + 3 * (i - 6) }
    const piece = { ...(await corner(centre)), width: PIECE, height: PIECE }
    for (const [name, from] of [
      [`${id}.png`, 'bus_0888-l.png'],
      [`${id}-mask.png`, 'ground-truth/bus_0888-l.png'],
    ] as const) {
      await writeFile(path.join(folder, name), await sharp(path.join(EXAMPLE, from)).extract(piece).png().toBuffer())
    }
  }
  const rows = TINY_PIECES.map(({ id, patient, class: kind }) => {
    return [id, `${id}.png`, kind === 'normal' ? '' : `${id}-mask.png`, kind, 'train', patient].join()
  })
  const file = path.join(folder, 'manifest.csv')
  await writeFile(file, `id,image,mask,class,split,patient\n${rows.join('\n')}\n`)
  return file
}

/** @param cache holds the features of the frozen trunk; the base weights are those that `ZAOSHAI_BASE_WEIGHTS` names. */
export function tinyCrossValidation(manifest: string, out: string, cache: string): CrossValidateOptions {
  return {
    ...{ data: [manifest], out, cache, modality: 'US', folds: 2, threads: 1, name: 'tiny', language: 'en' },
    settings: { epochs: 2, stepsPerEpoch: 3, batch: 2, trunkFrom: 12, views: 1, testViews: ['plain'] },
    preprocessing: { size: 64 },
  }
}

async function corner({ x, y }: { x: number; y: number }) {
  const { width, height } = await sharp(path.join(EXAMPLE, 'bus_0888-l.png')).metadata()
  const within = (centre: number, extent: number) =>
    Math.round(Math.min(Math.max(centre - PIECE / 2, 0), extent - PIECE))
  return { left: within(x, width), top: within(y, height) }
}

async function lesionCentre(): Promise<{ x: number; y: number }> {
  const mask = sharp(path.join(EXAMPLE, 'ground-truth/bus_0888-l.png'))
  const { data, info } = await mask.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  let [x, y, count] = [0, 0, 0]
  for (let i = 0; i < info.width * info.height; i++) {
    if (data[i * info.channels] === 0) continue
    x += i % info.width
    y += Math.floor(i / info.width)
    count++
  }
  return { x: x / count, y: y / count }
}
