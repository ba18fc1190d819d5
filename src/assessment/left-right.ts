import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { type BreastMap, commonCells } from '#core/breast-map.ts'
import { COMPARISONS, type ComparisonName, type FeatureValue } from '#core/features.ts'
import type { Modality, Side } from '#core/modality.ts'
import type { Comparison } from '#core/report.ts'
import type { Energy, View } from '#core/study.ts'

/** What of one image is laid against its counterpart of the other breast. */
export interface ImageSummary {
  readonly id: string
  readonly side: Side
  readonly modality: Modality
  readonly view: View
  readonly energy?: Energy | undefined
  /** Where one picture shows both breasts, what tells it from others: its halves belong to each other. */
  readonly picture?: string | undefined
  /** The visible breast, or why it could not be told from the background. */
  readonly breast: BreastSummary | Absent
  /** What the software marked, or why it marked nothing at all. */
  readonly marked: { readonly count: number } | Absent
}

/** How much of a breast is seen and how bright it is. */
export interface Extent {
  readonly areaPx: number
  /** Of it marked; 0 where nothing is. */
  readonly markedPx: number
  readonly areaMm2: number | Absent
  /** Mean grey 0..1 of the file's range. */
  readonly meanGrey: number
}

export interface BreastSummary {
  /** Everything of the body in the picture. */
  readonly exposed: Extent
  /** The same without the pectoral muscle, where that was found. */
  readonly withoutMuscle: Extent | Absent
  /** The breast in the frame that both sides share. */
  readonly map: BreastMap | Absent
  /** How its grey becomes degrees Celsius. */
  readonly celsius: { readonly perGrey: number; readonly offset: number } | Absent
}

/** Two images that show the same view, one of each side. */
export interface MirroredPair {
  readonly left: ImageSummary
  readonly right: ImageSummary
}

/** Left against right, one comparison for each view that both sides have exactly once. */
export function compareSides(images: readonly ImageSummary[]): Comparison[] | Absent {
  const sides = new Set(images.map(({ side }) => side))
  if (sides.size < 2) return absent('other-side-not-imaged')
  const pairs = mirroredPairs(images)
  return pairs.length === 0 ? absent('no-mirrored-view') : pairs.map(({ left, right }) => comparePair(left, right))
}

/**
 * Every view that both sides have exactly once. Handheld ultrasound has no standard view: nothing is mirrored there,
 * whatever the files are called.
 */
export function mirroredPairs(images: readonly ImageSummary[]): MirroredPair[] {
  const pairs: MirroredPair[] = []
  for (const left of images.filter(({ side }) => side === 'L')) {
    const counterparts = images.filter((image) => image.side === 'R' && isSameView(image, left))
    const rivals = images.filter((image) => image.side === 'L' && isSameView(image, left))
    const [right] = counterparts
    if (!hasStandardView(left) || right === undefined || counterparts.length + rivals.length > 2) continue
    pairs.push({ left, right })
  }
  return pairs
}

function isSameView(a: ImageSummary, b: ImageSummary): boolean {
  return a.modality === b.modality && a.view === b.view && a.energy === b.energy && a.picture === b.picture
}

/** Whether an image has a view that the other breast is imaged in alike. */
export function hasStandardView({ modality, view }: Pick<ImageSummary, 'modality' | 'view'>): boolean {
  return modality !== 'US' && view !== 'unspecified'
}

function comparePair(left: ImageSummary, right: ImageSummary): Comparison {
  return {
    modality: left.modality,
    view: left.view,
    ...(left.energy === undefined ? {} : { energy: left.energy }),
    images: { L: left.id, R: right.id },
    values: Object.fromEntries(
      Object.entries(COMPARE).map(([name, compare]) => [name, withUnit(name as ComparisonName, compare(left, right))]),
    ) as Record<ComparisonName, FeatureValue>,
  }
}

const COMPARE = {
  markedCountDifference: (left, right) => both(left.marked, right.marked, (l, r) => l.count - r.count),
  markedFractionDifference: (left, right) =>
    both(left.marked, right.marked, () =>
      alike(left, right, (l, r) => 100 * (l.markedPx / l.areaPx - r.markedPx / r.areaPx)),
    ),
  brightnessAsymmetry: (left, right) =>
    alike(left, right, ({ meanGrey: inLeft }, { meanGrey: inRight }) => asymmetry(inLeft, inRight)),
  breastAreaAsymmetry: (left, right) =>
    alike(left, right, ({ areaMm2: ofLeft }, { areaMm2: ofRight }) => both(ofLeft, ofRight, asymmetry)),
  intensityDifference: (left, right) => registered(left, right, ({ grey }) => grey),
  textureDifference: (left, right) => registered(left, right, ({ texture }) => texture),
  temperatureDifference: (left, right) =>
    left.modality === 'TG'
      ? both(left.breast, right.breast, (l, r) =>
          both(l.celsius, r.celsius, (inLeft, inRight) =>
            registered(left, right, ({ grey }, isLeft) => {
              const { perGrey, offset } = isLeft ? inLeft : inRight
              return grey.map((value) => value * perGrey + offset)
            }),
          ),
        )
      : absent('not-for-this-modality'),
} as const satisfies Record<ComparisonName, (left: ImageSummary, right: ImageSummary) => number | Absent>

/** Mean over the cells that lie in both breasts of the left's values less the right's. */
function registered(
  left: ImageSummary,
  right: ImageSummary,
  valuesOf: (map: BreastMap, isLeft: boolean) => Float32Array,
): number | Absent {
  return both(left.breast, right.breast, (l, r) =>
    both(l.map, r.map, (a, b) => {
      const cells = commonCells(a, b)
      if (isAbsent(cells)) return cells
      const [inLeft, inRight] = [valuesOf(a, true), valuesOf(b, false)]
      let sum = 0
      for (const cell of cells) sum += inLeft[cell]! - inRight[cell]!
      return sum / cells.length
    }),
  )
}

/** Both breasts without their muscles, or both with them where one of those was not found. */
function alike(
  left: ImageSummary,
  right: ImageSummary,
  compare: (left: Extent, right: Extent) => number | Absent,
): number | Absent {
  return both(left.breast, right.breast, (l, r) =>
    isAbsent(l.withoutMuscle) || isAbsent(r.withoutMuscle)
      ? compare(l.exposed, r.exposed)
      : compare(l.withoutMuscle, r.withoutMuscle),
  )
}

/** (left - right) / (left + right): -1..1, and swapping the sides turns the sign. */
function asymmetry(left: number, right: number): number | Absent {
  return left + right > 0 ? (left - right) / (left + right) : absent('breast-region-not-found')
}

function both<A, B>(a: A | Absent, b: B | Absent, compare: (a: A, b: B) => number | Absent): number | Absent {
  if (isAbsent(a)) return a
  return isAbsent(b) ? b : compare(a, b)
}

function withUnit(name: ComparisonName, value: number | Absent): FeatureValue {
  return isAbsent(value) ? value : { value, unit: COMPARISONS[name].unit }
}
