import { type Absent, isAbsent } from '#core/absent.ts'
import type { GreyImage, RasterImage } from '#core/image.ts'
import { changeUnitOf, kineticUnit } from '#core/kinetic-features.ts'
import type { Mask } from '#core/mask.ts'
import type { Channel } from '#core/sequence.ts'
import { type KineticMaps, kineticMaps } from '#features/kinetic-maps.ts'
import { boxMean } from '#imaging/box-mean.ts'
import { type ColourScale, colourAt, DIVERGING, SEQUENTIAL } from '#report/colour-scale.ts'
import type { KineticMapName, KineticPictures } from '#report/kinetics.ts'
import { meanFrame } from './made-picture.ts'
import { pictureAddress } from './picture.ts'
import type { RecordedSequence } from './sequence-file.ts'

/** Of the pixels that have a value, those beyond the scale's ends: a few noisy ones would take the colour from the rest. */
const BEYOND_SCALE = 0.02
/** Below this share of the breast's median baseline signal a ratio of signals is a ratio of noises: beyond the breast. */
const LEAST_SIGNAL = 0.1
/** Half the side of the square over which frames are averaged first: a pixel alone is mostly noise. */
const SMOOTH_RADIUS_PX = 2
/** How much of the picture shows through the colours. */
const SHOWS_THROUGH = 0.35

const SCALES = {
  extremum: DIVERGING,
  timeToExtremumS: SEQUENTIAL,
  slopeBefore: DIVERGING,
} as const satisfies Record<KineticMapName, ColourScale>

interface Mapped {
  readonly channel: string
  readonly maps: KineticMaps
  /** H×W: mean signal of the baseline frames. */
  readonly baseline: Float32Array
}

/** What of the image is looked at; both H×W of the sequence. */
interface Looked {
  readonly breast: Mask
  readonly marked: Mask | Absent
}

/**
 * Maps of one channel as pictures: the one whose change is largest in the marked regions, or in the breast where nothing
 * is marked. The colour scale is that of the breast; where hardly any of its signal is left there is no colour.
 * @param picture H×W of the sequence. @returns undefined where there are no kinetics.
 */
export async function kineticPictures(
  { sequence, baselineFrames, covered }: RecordedSequence,
  picture: GreyImage,
  { breast, marked }: Looked,
): Promise<KineticPictures | undefined> {
  const { kind, signalUnit } = sequence
  if (kind === 'ultrasound-cine') return undefined
  const mapped = sequence.channels.flatMap((channel: Channel): Mapped[] => {
    const frames = channel.frames.map((frame) => boxMean(frame, sequence, SMOOTH_RADIUS_PX))
    const maps = kineticMaps({ ...channel, frames }, { kind, baselineFrames })
    return isAbsent(maps)
      ? []
      : [{ channel: channel.label, maps, baseline: meanFrame(frames.slice(0, baselineFrames)) }]
  })
  const tissue = breast.areaPx === 0 ? covered : breast
  const where = isAbsent(marked) || marked.areaPx === 0 ? tissue : marked
  const strongest = mapped.toSorted((a, b) => changeWithin(b, where) - changeWithin(a, where))[0]
  if (strongest === undefined) return undefined
  const isShown = kind === 'thermal' ? () => true : withSignal(strongest.baseline, tissue)
  const change = changeUnitOf(kind, signalUnit)
  const units = { extremum: change, timeToExtremumS: 's', slopeBefore: kineticUnit('change/s', change) } as const
  const names = Object.keys(SCALES) as KineticMapName[]
  const maps = await Promise.all(
    names.map(async (name) => {
      const values = strongest.maps[name].map((value, i) => (isShown(i) ? value : Number.NaN))
      const [low, high] = rangeOf(
        values.filter((_, i) => where.data[i] === 1 || tissue.data[i] === 1),
        SCALES[name],
      )
      const href = await pictureAddress(coloured(picture, values, SCALES[name], low, high))
      return { name, scale: SCALES[name], low, high, unit: units[name], href }
    }),
  )
  return { channel: strongest.channel, maps }
}

/** Whether a pixel has enough of the signal that the breast has. */
function withSignal(baseline: Float32Array, tissue: Mask): (pixel: number) => boolean {
  const within = baseline.filter((_, i) => tissue.data[i] === 1).sort()
  const least = LEAST_SIGNAL * (within[within.length >> 1] ?? 0)
  return (pixel) => baseline[pixel]! >= least
}

/** Mean of the changes farthest from 0, whatever their sign. */
function changeWithin({ maps: { extremum } }: Mapped, where: Mask): number {
  let [sum, count] = [0, 0]
  for (const [i, value] of extremum.entries()) {
    if (where.data[i] === 0 || Number.isNaN(value)) continue
    sum += Math.abs(value)
    count++
  }
  return count === 0 ? 0 : sum / count
}

/** Symmetric about 0 where there is a sign, from 0 elsewhere. */
function rangeOf(values: Float32Array, scale: ColourScale): readonly [number, number] {
  const sizes = values
    .filter((value) => !Number.isNaN(value))
    .map(Math.abs)
    .sort()
  const high = sizes[Math.floor((1 - BEYOND_SCALE) * (sizes.length - 1))] ?? 1
  const end = high > 0 ? high : 1
  return [scale === DIVERGING ? -end : 0, end]
}

function coloured(
  picture: GreyImage,
  values: Float32Array,
  scale: ColourScale,
  low: number,
  high: number,
): RasterImage {
  const data = new Uint8Array(3 * values.length)
  for (const [i, value] of values.entries()) {
    const grey = 255 * picture.data[i]!
    const colour = Number.isNaN(value) ? undefined : colourAt(scale, (value - low) / (high - low))
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = colour === undefined ? grey : SHOWS_THROUGH * grey + (1 - SHOWS_THROUGH) * colour[c]!
    }
  }
  return { width: picture.width, height: picture.height, channels: 3, bitDepth: 8, data }
}
