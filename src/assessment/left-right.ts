import { type Absent, absent, isAbsent } from '#core/absent.ts'
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
  /** The visible breast, or why it could not be told from the background. */
  readonly breast: BreastSummary | Absent
  /** What the software marked, or why it marked nothing at all. */
  readonly marked: { readonly count: number; readonly areaPx: number } | Absent
}

export interface BreastSummary {
  readonly areaPx: number
  readonly areaMm2: number | Absent
  /** Mean grey 0..1 of the file's range. */
  readonly meanGrey: number
}

/**
 * Left against right, one comparison for each view that both sides have exactly once. Handheld ultrasound has no
 * standard view: nothing is mirrored there, whatever the files are called.
 */
export function compareSides(images: readonly ImageSummary[]): Comparison[] | Absent {
  const sides = new Set(images.map(({ side }) => side))
  if (sides.size < 2) return absent('other-side-not-imaged')
  const comparisons: Comparison[] = []
  for (const left of images.filter(({ side }) => side === 'L')) {
    const counterparts = images.filter((image) => image.side === 'R' && isSameView(image, left))
    const rivals = images.filter((image) => image.side === 'L' && isSameView(image, left))
    const [right] = counterparts
    if (!hasStandardView(left) || right === undefined || counterparts.length + rivals.length > 2) continue
    comparisons.push(comparePair(left, right))
  }
  return comparisons.length === 0 ? absent('no-mirrored-view') : comparisons
}

function isSameView(a: ImageSummary, b: ImageSummary): boolean {
  return a.modality === b.modality && a.view === b.view && a.energy === b.energy
}

function hasStandardView({ modality, view }: ImageSummary): boolean {
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
  markedFractionDifference: (left, right) => both(markedShare(left), markedShare(right), (l, r) => 100 * (l - r)),
  brightnessAsymmetry: (left, right) => both(left.breast, right.breast, (l, r) => asymmetry(l.meanGrey, r.meanGrey)),
  breastAreaAsymmetry: (left, right) =>
    both(left.breast, right.breast, (l, r) => both(l.areaMm2, r.areaMm2, asymmetry)),
} as const satisfies Record<ComparisonName, (left: ImageSummary, right: ImageSummary) => number | Absent>

function markedShare({ marked, breast }: ImageSummary): number | Absent {
  return both(marked, breast, (m, b) => m.areaPx / b.areaPx)
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
