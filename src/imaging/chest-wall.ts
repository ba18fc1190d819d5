import { type Absent, absent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import { type PatientOrientation, type Step, stepToward } from '#core/orientation.ts'
import { borderOf } from './border.ts'

/** Where the chest wall of a mammogram lies in the picture. */
export interface ChestWall {
  /** Toward the chest wall. */
  readonly posterior: Step
  /** Where the breast ends there, along `posterior`: compare with {@link along}. */
  readonly chestWallPx: number
  /** Extent of the breast along the chest wall. */
  readonly extentPx: number
}

/** How far a point lies in a direction, in pixels. */
export function along({ x, y }: Point, step: Step): number {
  return x * step.x + y * step.y
}

/** A border this near to the bounds, as a share of their side, runs along them. */
const STRAIGHT_TOLERANCE = 0.015
/** The chest wall's border runs along the bounds over at least this share of them, and twice as far as the one opposite. */
const CHEST_WALL_SHARE = 0.5

/** The picture's axis that leads from the nipple to the chest wall. */
export type DepthAxis = 'x' | 'y'

const SIDES = {
  x: [
    { x: -1, y: 0 },
    { x: 1, y: 0 },
  ],
  y: [
    { x: 0, y: -1 },
    { x: 0, y: 1 },
  ],
} as const satisfies Record<DepthAxis, readonly Step[]>

const FOUND = { x: new WeakMap<Mask, ChestWall | Absent>(), y: new WeakMap<Mask, ChestWall | Absent>() }

/** Mammograms are hung with the chest wall to the left or right, unless their stated orientation says otherwise. */
export function depthAxis(orientation: PatientOrientation | undefined): DepthAxis {
  const back = orientation && stepToward(orientation, 'P')
  return back !== undefined && back.x === 0 ? 'y' : 'x'
}

/**
 * Finds the chest wall as the straight side of the breast: the pictures may have a margin, so that it need not lie at
 * the picture's own edge. A view that cuts the breast off is straight there, too: only ends of the given axis are looked at.
 * Every region of an image asks for it; it is looked for once.
 */
export function chestWallOf(tissue: Mask, axis: DepthAxis = 'x'): ChestWall | Absent {
  const found = FOUND[axis].get(tissue) ?? findWall(tissue, axis)
  FOUND[axis].set(tissue, found)
  return found
}

function findWall(tissue: Mask, axis: DepthAxis): ChestWall | Absent {
  const border = borderOf(tissue)
  if (border.length === 0) return absent('breast-region-not-found')
  const bounds = boundsOf(border)
  const sides = SIDES[axis].map((step) => straightSide(border, bounds, step))
  const wall = sides.reduce((best, side) => (side.share > best.share ? side : best))
  const facing = sides.find(({ step }) => step.x === -wall.step.x && step.y === -wall.step.y)!
  if (wall.share < CHEST_WALL_SHARE || wall.share < 2 * facing.share) return absent('chest-wall-not-found')
  return { posterior: wall.step, chestWallPx: wall.at, extentPx: wall.lengthPx }
}

/** How far the region reaches in a direction, where its border there is straight over half of its side or more. */
export function straightEdge(region: Mask, step: Step): number | Absent {
  const border = borderOf(region)
  if (border.length === 0) return absent('breast-region-not-found')
  const { at, share } = straightSide(border, boundsOf(border), step)
  return share >= CHEST_WALL_SHARE ? at : absent('chest-wall-not-found')
}

interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Of the border, and so of the region. */
function boundsOf(border: readonly Point[]): Bounds {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1]
  for (const { x, y } of border) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return { left, top, right, bottom }
}

interface StraightSide {
  readonly step: Step
  /** Outermost position along `step`. */
  readonly at: number
  readonly lengthPx: number
  /** Of the bounds' length, how much the border runs along. */
  readonly share: number
}

function straightSide(border: readonly Point[], { left, top, right, bottom }: Bounds, step: Step): StraightSide {
  const [width, height] = [right - left + 1, bottom - top + 1]
  const at = Math.max(along({ x: left, y: top }, step), along({ x: right, y: bottom }, step))
  const [depth, lengthPx] = step.x === 0 ? [height, width] : [width, height]
  const from = at - Math.max(1, STRAIGHT_TOLERANCE * depth)
  const across = new Set<number>()
  for (const point of border) if (along(point, step) >= from) across.add(step.x === 0 ? point.x : point.y)
  return { step, at, lengthPx, share: across.size / lengthPx }
}
