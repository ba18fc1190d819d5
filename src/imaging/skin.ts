import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import { Mask } from '#core/mask.ts'
import type { Step } from '#core/orientation.ts'
import { along, type ChestWall, chestWallOf, type DepthAxis, straightEdge } from './chest-wall.ts'

/** What a mammogram shows of the skin, as pixels of the breast. */
export interface Skin {
  readonly skin: readonly Point[]
  /** Where the view ends and the breast goes on: beyond it the skin may be nearer than what is seen of it. */
  readonly cut: readonly Point[]
}

/** An end of the breast that is wider than this share of its depth is where the view ends, not where the skin closes. */
const CUT_SHARE = 0.35
/** An end is what lies within this share of the breast's extent along the chest wall. */
const END_SHARE = 0.015

const FOUND = { x: new WeakMap<Mask, Skin | Absent>(), y: new WeakMap<Mask, Skin | Absent>() }

/**
 * The border of the breast on a mammogram but for its straight side, with whatever is ragged there filled up to it. Every
 * region of an image asks for it; it is looked for once.
 * @param exposed the breast with the pectoral muscle
 */
export function skinOfMammogram(exposed: Mask, axis: DepthAxis): Skin | Absent {
  const found = FOUND[axis].get(exposed) ?? findSkin(exposed, axis)
  FOUND[axis].set(exposed, found)
  return found
}

/**
 * The row of the straight upper edge of what was scanned, where the transducer lay on the skin. Where that is the picture's own
 * edge, how much of the scan was cut off is not known.
 */
export function skinOfUltrasound(exposed: Mask): number | Absent {
  const edge = straightEdge(exposed, { x: 0, y: -1 })
  return isAbsent(edge) || -edge === 0 ? absent('skin-not-seen') : -edge
}

function findSkin(exposed: Mask, axis: DepthAxis): Skin | Absent {
  const wall = chestWallOf(exposed, axis)
  if (isAbsent(wall)) return wall
  const breast = filledToWall(exposed, wall)
  const isCutEnd = cutEnds(breast, wall)
  const [skin, cut]: [Point[], Point[]] = [[], []]
  const { width, height, data } = breast
  const outward = STEPS.filter(({ x, y }) => x !== wall.posterior.x || y !== wall.posterior.y)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      const beside = outward.map((step) => ({ x: x + step.x, y: y + step.y }))
      const isBeyond = (at: Point) => at.x < 0 || at.y < 0 || at.x >= width || at.y >= height
      if (beside.some(isBeyond)) cut.push({ x, y })
      else if (beside.some((at) => data[at.y * width + at.x] === 0)) (isCutEnd({ x, y }) ? cut : skin).push({ x, y })
    }
  }
  return { skin, cut }
}

const STEPS = [
  { x: -1, y: 0 },
  { x: 1, y: 0 },
  { x: 0, y: -1 },
  { x: 0, y: 1 },
] as const satisfies readonly Step[]

/** Each line that leads to the chest wall is breast from its foremost pixel to the wall. */
function filledToWall(exposed: Mask, { posterior, chestWallPx }: ChestWall): Mask {
  const { width, data } = exposed
  const filled = Mask.empty(exposed)
  const stride = posterior.x + posterior.y * width
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue
    const at = { x: i % width, y: Math.floor(i / width) }
    for (
      let k = i, behind = along(at, posterior);
      behind <= chestWallPx && filled.data[k] === 0;
      k += stride, behind++
    ) {
      filled.data[k] = 1
    }
  }
  return filled
}

/** Whether a pixel of the border lies at an end of the breast along the chest wall that is cut off rather than closed. */
function cutEnds(breast: Mask, { posterior, extentPx }: ChestWall): (at: Point) => boolean {
  const lines = depthsOf(breast, posterior)
  const [first, last] = [lines.findIndex((depth) => depth > 0), lines.findLastIndex((depth) => depth > 0)]
  const reach = Math.max(1, Math.round(END_SHARE * extentPx))
  const deepest = lines.reduce((most, depth) => Math.max(most, depth), 0)
  const isWide = (from: number) => lines.slice(from, from + reach + 1).some((depth) => depth >= CUT_SHARE * deepest)
  const [isCutFirst, isCutLast] = [isWide(first), isWide(last - reach)]
  return (at) => {
    const line = posterior.x === 0 ? at.x : at.y
    return (isCutFirst && line <= first + reach) || (isCutLast && line >= last - reach)
  }
}

/** Pixels of the breast along each line that leads to the chest wall. */
function depthsOf({ width, height, data }: Mask, posterior: Step): number[] {
  const depths = new Array<number>(posterior.x === 0 ? width : height).fill(0)
  for (let i = 0; i < data.length; i++) depths[posterior.x === 0 ? i % width : Math.floor(i / width)]! += data[i]!
  return depths
}
