import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { CodedValue, LocationWordName, WordOf } from '#core/coded-features.ts'
import type { Point } from '#core/geometry.ts'
import type { Mask } from '#core/mask.ts'
import type { Side } from '#core/modality.ts'
import { type Direction, lateralOf, type PatientOrientation, type Step, stepToward } from '#core/orientation.ts'
import type { Energy, View } from '#core/study.ts'
import { PIXEL_GRID, type PixelSides } from '#core/units.ts'
import { along, type ChestWall, chestWallOf, depthAxis } from '#imaging/chest-wall.ts'
import { quadrantOfClock } from './clock.ts'
import type { Lesion } from './measure.ts'
import { centroidOf } from './shape.ts'
import { skinDistance } from './skin-distance.ts'

/** What was given of where the image was taken. */
export interface Place {
  readonly side?: Side | undefined
  readonly view?: View | undefined
  readonly energy?: Energy | undefined
  readonly patientOrientation?: PatientOrientation | undefined
  /** As the examiner entered it beside a handheld image. */
  readonly clock?: number | undefined
  /** Along the skin, as the examiner entered it. */
  readonly nippleDistanceMm?: number | undefined
  /** Of the breast on a thermogram. */
  readonly breastWidthPx?: number | undefined
}

/** Where a region lies in the breast. */
export interface Location {
  readonly depth: number | Absent
  readonly lateralOffset: Offset | Absent
  readonly superiorOffset: Offset | Absent
  readonly chestWall: Lengths | Absent
  readonly skin: Lengths | Absent
}

interface Offset {
  readonly px: number
  readonly mm: number | Absent
  readonly isCentral: boolean
}

interface Lengths {
  readonly px: number
  readonly mm: number | Absent
}

/** Within this share of the breast's extent along the chest wall a region lies behind the nipple. */
const CENTRAL_SHARE = 0.05
const LATERAL_VIEWS: readonly View[] = ['CC', 'XCCL', 'XCCM']
const VERTICAL_VIEWS: readonly View[] = ['MLO', 'ML', 'LM']

/** Less of a region than this share in the breast that was found: it does not lie in it, and no place in it is told. */
const LEAST_WITHIN = 0.5

export function locate(lesion: Lesion): Location {
  return { ...inBreast(lesion), skin: skinOf(lesion) }
}

function skinOf(lesion: Lesion): Lengths | Absent {
  const { modality, spacing } = lesion
  if (modality !== 'MG' && modality !== 'US') return absent('not-for-this-modality')
  const place = modality === 'MG' ? wallOf(lesion) : breastAround(lesion)
  return isAbsent(place) ? place : lengths((side) => skinDistance(lesion, side), spacing)
}

/** The breast that was found, where the region lies in it. */
function breastAround({ region, tissue, exposed = tissue }: Lesion): Mask | Absent {
  if (exposed === undefined) return absent('breast-region-not-found')
  let [within, all] = [0, 0]
  for (let i = 0; i < region.data.length; i++) {
    all += region.data[i]!
    within += region.data[i]! & exposed.data[i]!
  }
  return within >= LEAST_WITHIN * all ? exposed : absent('region-outside-breast')
}

/** The chest wall behind the region; a stated orientation must agree with it. */
function wallOf(lesion: Lesion): ChestWall | Absent {
  const orientation = lesion.place?.patientOrientation
  const breast = breastAround(lesion)
  if (isAbsent(breast)) return breast
  const wall = chestWallOf(breast, depthAxis(orientation))
  if (isAbsent(wall)) return wall
  const back = orientation && stepToward(orientation, 'P')
  const agrees = back === undefined || (back.x === wall.posterior.x && back.y === wall.posterior.y)
  return agrees ? wall : absent('orientation-conflict')
}

/** On mammograms alone, whose views have a chest wall; a handheld image shows none. */
function inBreast(lesion: Lesion): Omit<Location, 'skin'> {
  const { modality, spacing, place } = lesion
  if (modality !== 'MG') return nowhere(absent('not-for-this-modality'))
  const wall = wallOf(lesion)
  if (isAbsent(wall)) return nowhere(wall)
  const centroid = centroidOf(lesion.region)
  const nipple = lesion.nipplePx ?? absent('nipple-not-given')
  const offset = (views: readonly View[], direction: Direction | undefined) =>
    isAbsent(nipple) ? nipple : offsetOf(centroid, nipple, toward(wall, place, views, direction), wall, spacing)
  return {
    depth: isAbsent(nipple) ? nipple : depthOf(centroid, nipple, wall, lesion),
    lateralOffset: offset(LATERAL_VIEWS, place?.side && lateralOf(place.side)),
    superiorOffset: offset(VERTICAL_VIEWS, 'H'),
    chestWall: lengths((side) => wallDistance(lesion, wall, side), spacing),
  }
}

function nowhere(reason: Absent): Omit<Location, 'skin'> {
  return { depth: reason, lateralOffset: reason, superiorOffset: reason, chestWall: reason }
}

/**
 * Share of the posterior nipple line, from the nipple square to the edge of the pectoral muscle or to the end of the picture, whichever
 * comes first; straight back where no muscle is seen. What lies before the nipple is at 0.
 */
function depthOf(
  centroid: Point,
  nipple: Point,
  wall: ChestWall,
  { muscleEdgePx, spacing, place }: Lesion,
): number | Absent {
  // No muscle is looked for there, and the other exposure of the view is measured to it.
  if (place?.view === 'MLO' && place.energy === 'subtracted') return absent('not-on-subtracted-image')
  const side = spacing ?? PIXEL_GRID
  const { posterior } = wall
  const back = muscleEdgePx === undefined ? posterior : squareTo(muscleEdgePx, posterior, side)
  const lengthTo = (point: Point) => (point.x - nipple.x) * side.x * back.x + (point.y - nipple.y) * side.y * back.y
  const straight = (wall.chestWallPx - along(nipple, posterior)) * (posterior.x === 0 ? side.y : side.x)
  const toPicturesEnd = straight / (back.x * posterior.x + back.y * posterior.y)
  const length = muscleEdgePx === undefined ? straight : Math.min(lengthTo(muscleEdgePx[0]), toPicturesEnd)
  if (length <= 0) return absent(straight > 0 ? 'pectoral-muscle-not-found' : 'chest-wall-not-found')
  return Math.min(1, Math.max(0, lengthTo(centroid) / length))
}

/** The direction square to a line that leads back, of length 1 in the unit of the pixel's sides. */
function squareTo([a, b]: readonly [Point, Point], posterior: Step, side: PixelSides): Point {
  const [alongX, alongY] = [(b.x - a.x) * side.x, (b.y - a.y) * side.y]
  const length = Math.hypot(alongX, alongY) * Math.sign(posterior.y * alongX - posterior.x * alongY)
  return { x: -alongY / length, y: alongX / length }
}

/** The axis of the picture for a direction of the body, along the chest wall that was found to agree with what was stated. */
function toward(
  { posterior }: ChestWall,
  place: Place | undefined,
  views: readonly View[],
  direction: Direction | undefined,
): Step | Absent {
  if (place?.view === undefined || place.view === 'unspecified') return absent('view-not-given')
  if (!views.includes(place.view)) return absent('not-for-this-view')
  if (direction === undefined) return absent('side-unknown')
  if (place.patientOrientation === undefined) return absent('orientation-not-given')
  const saysWhereBackIs = stepToward(place.patientOrientation, 'P') !== undefined
  const step = stepToward(place.patientOrientation, direction)
  return saysWhereBackIs && step !== undefined && along(step, posterior) === 0 ? step : absent('orientation-conflict')
}

function offsetOf(
  centroid: Point,
  nipple: Point,
  step: Step | Absent,
  { extentPx }: ChestWall,
  spacing: Lesion['spacing'],
): Offset | Absent {
  if (isAbsent(step)) return step
  const px = along(centroid, step) - along(nipple, step)
  return { px, mm: inMm(px, step, spacing), isCentral: Math.abs(px) <= CENTRAL_SHARE * extentPx }
}

function inMm(px: number, step: Step, spacing: Lesion['spacing']): number | Absent {
  return spacing === undefined ? absent('no-pixel-spacing') : px * (step.x === 0 ? spacing.y : spacing.x)
}

function lengths(measured: (side: PixelSides) => number | Absent, spacing: Lesion['spacing']): Lengths | Absent {
  const px = measured(PIXEL_GRID)
  if (isAbsent(px)) return px
  return { px, mm: spacing === undefined ? absent('no-pixel-spacing') : measured(spacing) }
}

/** From the region's hindmost pixel to the edge of the exposed breast; the ribs lie behind it. */
function wallDistance({ region }: Lesion, { posterior, chestWallPx }: ChestWall, side: PixelSides): number {
  let deepest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < region.data.length; i++) {
    if (region.data[i] === 0) continue
    deepest = Math.max(deepest, along({ x: i % region.width, y: Math.floor(i / region.width) }, posterior))
  }
  return Math.max(0, chestWallPx - deepest) * (posterior.x === 0 ? side.y : side.x)
}

/** Every coded location of one region that its own image tells. */
export function describeLocation(lesion: Lesion): { [N in LocationWordName]: CodedValue<WordOf<N>> } {
  const { place = {} } = lesion
  const { depth, lateralOffset, superiorOffset } = inBreast(lesion)
  return {
    clockPosition:
      place.clock === undefined ? notTold(lesion) : { word: String(place.clock) as WordOf<'clockPosition'> },
    quadrant: enteredQuadrant(lesion),
    mediolateral: sideOfNipple(lateralOffset, 'lateral', 'medial'),
    superoinferior: sideOfNipple(superiorOffset, 'superior', 'inferior'),
    depthThird: isAbsent(depth) ? depth : { word: depth < 1 / 3 ? 'anterior' : depth < 2 / 3 ? 'middle' : 'posterior' },
  }
}

function enteredQuadrant(lesion: Lesion): CodedValue<WordOf<'quadrant'>> {
  const { clock, side, nippleDistanceMm } = lesion.place ?? {}
  if (clock === undefined) return notTold(lesion)
  if (side === undefined) return absent('side-unknown')
  const word = quadrantOfClock(clock, side, nippleDistanceMm)
  return isAbsent(word) ? word : { word }
}

/** Mammography tells it from two views, everything else only from what the examiner entered. */
function notTold({ modality }: Lesion): Absent {
  return absent(modality === 'MG' ? 'one-view-only' : 'clock-not-entered')
}

function sideOfNipple<W extends string>(offset: Offset | Absent, above: W, below: W): CodedValue<W | 'central'> {
  if (isAbsent(offset)) return offset
  if (offset.isCentral) return { word: 'central' }
  return { word: offset.px > 0 ? above : below }
}
