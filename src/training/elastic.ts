import type { Size } from '#core/image.ts'
import type { Random } from '#core/random.ts'
import type { Displacement } from '#imaging/warp.ts'

/** Cells of the grid whose corners move at random. */
const GRID = 5

/**
 * A smooth random displacement, as tissue gives way under a probe: the corners of a 5×5 grid move by normal chance,
 * and what lies between follows smoothly.
 * @param deviationPx of a corner's move along either axis.
 */
export function elastic({ width, height }: Size, deviationPx: number, random: Random): Displacement {
  const corners = () => Float32Array.from({ length: (GRID + 1) ** 2 }, () => deviationPx * random.normal())
  return { x: enlarge(corners(), width, height), y: enlarge(corners(), width, height) }
}

function enlarge(corners: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height)
  const columns = positions(width)
  const rows = positions(height)
  for (let y = 0; y < height; y++) {
    const top = rows.cell[y]! * (GRID + 1)
    const v = rows.share[y]!
    for (let x = 0; x < width; x++) {
      const left = columns.cell[x]!
      const u = columns.share[x]!
      const upper = corners[top + left]! * (1 - u) + corners[top + left + 1]! * u
      const lower = corners[top + GRID + 1 + left]! * (1 - u) + corners[top + GRID + 2 + left]! * u
      out[y * width + x] = upper * (1 - v) + lower * v
    }
  }
  return out
}

/** The grid cell of each pixel and, smoothed (3t² - 2t³, so that there is no crease), how far it is through it. */
function positions(length: number) {
  const cell = new Int32Array(length)
  const share = new Float32Array(length)
  for (let i = 0; i < length; i++) {
    const at = ((i + 0.5) / length) * GRID
    cell[i] = Math.min(Math.floor(at), GRID - 1)
    const t = at - cell[i]!
    share[i] = t * t * (3 - 2 * t)
  }
  return { cell, share }
}
