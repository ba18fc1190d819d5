import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { NEARLY_BLACK } from './breast-region.ts'
import { type ChestWall, chestWallOf, type DepthAxis, straightEdge } from './chest-wall.ts'

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

/** Of the height of the scan: below its straight edge there is something within this share, or the edge is bent. */
const NEAR_SHARE = 0.02
/** Along this share of the edge at least. */
const LEAST_LIT = 0.75

/**
 * The row of the straight upper edge of what was scanned, where the transducer lay on the skin. Where that is the picture's own
 * edge, how much of the scan was cut off is not known; where the picture is black below it, a curved transducer was used, whose arc
 * `exposed` spans with a chord.
 */
export function skinOfUltrasound(image: GreyImage, exposed: Mask): number | Absent {
  const edge = straightEdge(exposed, { x: 0, y: -1 })
  if (isAbsent(edge) || -edge === 0) return absent('skin-not-seen')
  return litBelow(image, exposed, -edge) >= LEAST_LIT ? -edge : absent('skin-not-seen')
}

/** Of the columns of the upper edge, the share in which the picture is not black right below it. */
function litBelow({ data }: GreyImage, { width, height, data: inside }: Mask, top: number): number {
  const reach = Math.max(2, Math.round(NEAR_SHARE * (height - top)))
  let [columns, lit] = [0, 0]
  for (let x = 0; x < width; x++) {
    const places = Array.from({ length: reach }, (_, k) => (top + k) * width + x).filter((place) => inside[place] === 1)
    if (places.length === 0) continue
    columns++
    if (places.some((place) => data[place]! > NEARLY_BLACK)) lit++
  }
  return lit / columns
}

function findSkin(exposed: Mask, axis: DepthAxis): Skin | Absent {
  const wall = chestWallOf(exposed, axis)
  if (isAbsent(wall)) return wall
  const depths = depthsOf(exposed, wall)
  const isCutEnd = cutEnds(depths, wall)
  const [skin, cut]: [Point[], Point[]] = [[], []]
  for (const [line, depth] of depths.entries()) {
    const isAtEdge = line === 0 || line === depths.length - 1
    const beside = Math.min(depths[line - 1] ?? 0, depths[line + 1] ?? 0)
    for (let at = Math.max(0, Math.min(beside, depth - 1)); at < depth; at++) {
      const point = pointAt(line, at, wall)
      const isFrontCut = at === depth - 1 && isFrontEdge(point, exposed, wall)
      const border = isAtEdge || isFrontCut || isCutEnd(line) ? cut : skin
      border.push(point)
    }
  }
  return { skin, cut }
}

/**
 * How many pixels of breast lie on each line that leads to the chest wall, from the foremost one to the wall: whatever is ragged there is
 * filled up.
 */
function depthsOf({ width, height, data }: Mask, { posterior, chestWallPx }: ChestWall): Int32Array {
  const isRow = posterior.y === 0
  const depths = new Int32Array(isRow ? height : width)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      const line = isRow ? y : x
      depths[line] = Math.max(depths[line]!, chestWallPx - (x * posterior.x + y * posterior.y) + 1)
    }
  }
  return depths
}

function pointAt(line: number, depth: number, { posterior, chestWallPx }: ChestWall): Point {
  const place = (chestWallPx - depth) * (posterior.x + posterior.y)
  return posterior.y === 0 ? { x: place, y: line } : { x: line, y: place }
}

/** Whether the picture ends right before a pixel, seen from the chest wall. */
function isFrontEdge({ x, y }: Point, { width, height }: Size, { posterior }: ChestWall): boolean {
  const [place, step, length] = posterior.y === 0 ? [x, posterior.x, width] : [y, posterior.y, height]
  return place === (step > 0 ? 0 : length - 1)
}

/** Whether a line lies at an end of the breast along the chest wall that is cut off rather than closed. */
function cutEnds(depths: Int32Array, { extentPx }: ChestWall): (line: number) => boolean {
  const [first, last] = [depths.findIndex((depth) => depth > 0), depths.findLastIndex((depth) => depth > 0)]
  const reach = Math.max(1, Math.round(END_SHARE * extentPx))
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0)
  const isWide = (from: number) => depths.slice(from, from + reach + 1).some((depth) => depth >= CUT_SHARE * deepest)
  const [isCutFirst, isCutLast] = [isWide(first), isWide(last - reach)]
  return (line) => (isCutFirst && line <= first + reach) || (isCutLast && line >= last - reach)
}
