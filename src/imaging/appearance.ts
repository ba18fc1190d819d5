import { GreyImage, type RasterImage } from '#core/image.ts'
import { coarseShare, edgeTails, grainOf, layeredTiles, layering, quantile, unevenness } from './appearance-measures.ts'
import { boxMean } from './box-mean.ts'
import { withinSide } from './breast-region.ts'
import { percentiles } from './contrast.ts'
import { toGrey } from './grey.ts'
import { hueSpread } from './hue.ts'
import { resize } from './resample.ts'
import { tilesOf, within } from './tiles.ts'

/** Everything is measured on an image of at most this side, so that a measure means the same on every device. */
const WORKING_SIDE_PX = 256
/** The level of which 99.5 % of an image stay below becomes 1, so that gain changes no measure but the first. */
const WHITE_PERCENTILE = 99.5
/** A tile of 16 pixels holds structure where its levels, white being 1, spread by more than this (3 of 255). */
const STRUCTURED = 0.012

/**
 * What a picture looks like, whatever it shows: measures by which kinds of pictures are told from each other without a
 * model. Turning it upside down or mirroring it changes none by more than where the tiles fall.
 */
export interface Appearance {
  /** 99.5th less 0.5th percentile of the grey levels, 0..1: what there is to see at all. */
  readonly range: number
  /** Share of tiles that hold structure, 0..1. */
  readonly structured: number
  /** 90th percentile, among structured tiles, of what a 5×5 mean takes away: grain and edges; next to none in a ramp. */
  readonly fineContrast: number
  /** Share of the structure that is coarser than 11 pixels, 0..1: hardly any of noise, most of anatomy. */
  readonly coarseShare: number
  /** ln of mean vertical over mean horizontal difference of neighbours: above 0 where what is seen is drawn out sideways. */
  readonly layeringFine: number
  /** The same of a 3×3 mean, 3 pixels apart. */
  readonly layeringCoarse: number
  /** Share of structured tiles of which that holds by a tenth, 0..1. */
  readonly layeredTiles: number
  /** ln of root mean square over mean of horizontal differences: high where few edges stand out of smooth areas. */
  readonly edgeTails: number
  /** ln of 0.01 more than the median, among structured tiles, of what a 5×5 mean takes away over the mean level. */
  readonly grain: number
  /** ln of 90th over 10th percentile of the same: whether the grain is everywhere alike. */
  readonly unevenness: number
  /** Share of pixels whose colour differs from that of others of the same brightness, 0..1. A tint has none. */
  readonly hueSpread: number
}

export function appearance(raster: RasterImage): Appearance {
  const grey = toGrey(raster)
  const size = withinSide(grey, WORKING_SIDE_PX)
  const { image, range } = brightened(resize(grey, size))
  const tiles = tilesOf(image, boxMean(image.data, size, 2))
  const structured = tiles.filter(({ spread }) => spread > STRUCTURED)
  const inside = within(structured, image)
  const smooth = GreyImage.from(boxMean(image.data, size, 1), size)
  return {
    range,
    structured: structured.length / tiles.length,
    fineContrast: quantile(
      structured.map(({ fine }) => fine),
      0.9,
    ),
    coarseShare: coarseShare(image, inside),
    layeringFine: layering(image, inside, 1),
    layeringCoarse: layering(smooth, inside, 3),
    layeredTiles: layeredTiles(image, structured),
    edgeTails: edgeTails(image, inside),
    grain: Math.log(0.01 + quantile(structured.map(grainOf), 0.5)),
    unevenness: unevenness(structured),
    hueSpread: hueSpread(raster, size),
  }
}

function brightened(image: GreyImage): { image: GreyImage; range: number } {
  const [black = 0, white = 0] = percentiles(image.data, [100 - WHITE_PERCENTILE, WHITE_PERCENTILE])
  if (white === 0) return { image, range: 0 }
  const data = image.data.map((level) => Math.min(level / white, 1))
  return { image: GreyImage.from(data, image), range: white - black }
}
