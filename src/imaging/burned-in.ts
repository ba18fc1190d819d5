import type { GreyImage, RasterImage, Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { withinSide } from './breast-region.ts'
import { foreignColour } from './foreign-colour.ts'
import { toGrey } from './grey.ts'
import { resize } from './resample.ts'

/** Marks are thin, so they are looked for at a fine size, one for all devices. */
const WORKING_SIDE_PX = 768
/** What lies beside a stroke is looked at so far from it: dots may stand in a row, so not at one distance alone. */
const NEAREST_PX = 2
const FARTHEST_PX = 3
const BRIGHT = 0.4
/** How far a stroke stands out of what lies beside it; a dot, which does so both ways, has to stand out farther. */
const STANDS_OUT = 0.2
const DOT_STANDS_OUT = 0.25
const UPRIGHT_PX = 4
/** What is drawn smooths into its neighbours. */
const RIM_PX = 1

/**
 * Pixels that a device or an examiner drew over an ultrasound (DICOM: Burned In Annotation): calipers, the dots between them,
 * letters, and whatever has another colour than the picture's tint. 1 where drawn, at the size of the image. Other images
 * than ultrasounds have fine structures that look the same.
 *
 * A mark begins at a dot, brighter than what lies to its left and right and above and below it, or at an upright stroke of 4 pixels, and
 * takes in the connected pixels that are brighter than what lies beside them in one of the two directions. Echoes lie in layers: they
 * are seldom brighter than what is beside them in their own layer.
 */
export function burnedInMarks(raster: RasterImage): Mask {
  const grey = toGrey(raster)
  const fine = resize(grey, withinSide(grey, WORKING_SIDE_PX))
  const drawn = thinMarks(fine)
  const coloured = foreignColour(raster, fine)
  if (coloured !== undefined) for (let i = 0; i < drawn.length; i++) drawn[i]! |= coloured[i]!
  return enlarged(widened(drawn, fine), grey)
}

/** {@link burnedInMarks} of an ultrasound; of anything else undefined. */
export function marksDrawnOver(raster: RasterImage, modality: Modality): Mask | undefined {
  return modality === 'US' ? burnedInMarks(raster) : undefined
}

function thinMarks({ width, height, data }: GreyImage): Uint8Array {
  const isStroke = new Uint8Array(width * height)
  const begins: number[] = []
  const upright = new Int32Array(width)
  for (let y = FARTHEST_PX; y < height - FARTHEST_PX; y++) {
    for (let x = FARTHEST_PX; x < width - FARTHEST_PX; x++) {
      const i = y * width + x
      const isBright = data[i]! > BRIGHT
      const across = isBright ? data[i]! - beside(data, i, 1) : 0
      const down = isBright ? data[i]! - beside(data, i, width) : 0
      upright[x] = across > STANDS_OUT ? upright[x]! + 1 : 0
      if (Math.max(across, down) > STANDS_OUT) isStroke[i] = 1
      if (upright[x]! >= UPRIGHT_PX || Math.min(across, down) > DOT_STANDS_OUT) begins.push(i)
    }
  }
  return connected(isStroke, width, begins)
}

/** The brighter of the two pixels so far to either side, at the distance at which it is darker. */
function beside(data: Float32Array, at: number, step: number): number {
  let darkest = 1
  for (let far = NEAREST_PX; far <= FARTHEST_PX; far++) {
    darkest = Math.min(darkest, Math.max(data[at - far * step]!, data[at + far * step]!))
  }
  return darkest
}

/** What 8-connected steps reach within `allowed`, which keeps away from the border, from some of its pixels on. */
function connected(allowed: Uint8Array, width: number, from: number[]): Uint8Array {
  const reached = new Uint8Array(allowed.length)
  for (let at = from.pop(); at !== undefined; at = from.pop()) {
    if (allowed[at] === 0 || reached[at] === 1) continue
    reached[at] = 1
    for (const row of [at - width, at, at + width]) from.push(row - 1, row, row + 1)
  }
  return reached
}

function widened(drawn: Uint8Array, { width, height }: Size): Mask {
  const wide = Mask.empty({ width, height })
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (drawn[y * width + x] === 0) continue
      const [left, right] = [Math.max(x - RIM_PX, 0), Math.min(x + RIM_PX, width - 1)]
      for (let row = Math.max(y - RIM_PX, 0); row <= Math.min(y + RIM_PX, height - 1); row++) {
        wide.data.fill(1, row * width + left, row * width + right + 1)
      }
    }
  }
  return wide
}

/** Every pixel of the image whose place in the smaller one is drawn on. */
function enlarged(small: Mask, { width, height }: Size): Mask {
  if (small.width === width && small.height === height) return small
  const mask = Mask.empty({ width, height })
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * small.height) / height) * small.width
    for (let x = 0; x < width; x++) {
      mask.data[y * width + x] = small.data[row + Math.floor(((x + 0.5) * small.width) / width)]!
    }
  }
  return mask
}
