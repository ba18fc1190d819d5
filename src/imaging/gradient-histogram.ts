import type { GreyImage } from '#core/image.ts'

const CELL_PX = 8
const DIRECTIONS = 9
/** Of a cell's squared gradient, in grey levels of 0..1: below it, noise of a smooth background is not blown up. */
const NOISE_ENERGY = 0.01

/** Numbers for a patch of this side. */
export const histogramLength = (sidePx: number) => (sidePx / CELL_PX) ** 2 * DIRECTIONS

/**
 * Histograms of oriented gradients of a square patch: for each cell of 8×8 pixels how much edge runs in each of nine
 * directions, over the edges in the 3×3 cells around it, so that neither brightness nor contrast counts. Each gradient
 * is shared between the two nearest directions and the four nearest cells.
 *
 * @param patch a side that is a multiple of 8.
 * @returns (side / 8)² × 9 numbers, 0..1.
 * Source: N. Dalal, B. Triggs, CVPR 2005.
 */
export function gradientHistograms(patch: GreyImage): Float32Array {
  const side = patch.width / CELL_PX
  const votes = new Float64Array(side * side * DIRECTIONS)
  for (let y = 1; y < patch.height - 1; y++) {
    for (let x = 1; x < patch.width - 1; x++) {
      const at = y * patch.width + x
      const dx = patch.data[at + 1]! - patch.data[at - 1]!
      const dy = patch.data[at + patch.width]! - patch.data[at - patch.width]!
      const strength = Math.hypot(dx, dy)
      if (strength > 0) vote(votes, side, { x, y, strength, direction: Math.atan2(dy, dx) / Math.PI })
    }
  }
  return normalised(votes, side)
}

interface Edge {
  readonly x: number
  readonly y: number
  readonly strength: number
  /** Half turns; opposite directions count as one. */
  readonly direction: number
}

function vote(votes: Float64Array, side: number, { x, y, strength, direction }: Edge): void {
  const [u, v] = [(x + 0.5) / CELL_PX - 0.5, (y + 0.5) / CELL_PX - 0.5]
  const bin = (direction + 1) * DIRECTIONS
  const [column, row, slot] = [Math.floor(u), Math.floor(v), Math.floor(bin)]
  for (let j = 0; j < 2; j++) {
    for (let i = 0; i < 2; i++) {
      const [cx, cy] = [column + i, row + j]
      if (cx < 0 || cy < 0 || cx >= side || cy >= side) continue
      const share = strength * (i === 1 ? u - column : 1 - u + column) * (j === 1 ? v - row : 1 - v + row)
      const cell = (cy * side + cx) * DIRECTIONS
      votes[cell + (slot % DIRECTIONS)]! += share * (1 - bin + slot)
      votes[cell + ((slot + 1) % DIRECTIONS)]! += share * (bin - slot)
    }
  }
}

function normalised(votes: Float64Array, side: number): Float32Array {
  const energies = new Float64Array(side * side)
  for (let i = 0; i < votes.length; i++) energies[Math.floor(i / DIRECTIONS)]! += votes[i]! ** 2
  const out = new Float32Array(votes.length)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let around = NOISE_ENERGY
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, side - 1); v++) {
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, side - 1); u++) around += energies[v * side + u]!
      }
      const first = (y * side + x) * DIRECTIONS
      for (let i = first; i < first + DIRECTIONS; i++) out[i] = votes[i]! / Math.sqrt(around)
    }
  }
  return out
}
