import { z } from 'zod'
import { FeatureValue } from './features.ts'
import type { Unit } from './units.ts'
import type { Words } from './words.ts'

interface ConfidenceDeclaration {
  readonly unit: Unit
  readonly label: Words
  /** How it is had, precisely enough to have it again. */
  readonly method: string
  readonly source: string
  readonly digits: number
}

/** What the software says of how far an outline of its own can be trusted. Declared once: schema and page come from here. */
export const CONFIDENCE = {
  expectedDice: {
    unit: '1',
    label: { zh: '预期 Dice', en: 'Expected Dice' },
    method:
      "The mean Dice, against doctors' outlines, of validation masks whose probabilities were like these: sigmoid(a + b logit(soft Dice)), a and b fitted on validation images; soft Dice = 2 Σp over the mask / (Σp over the image + area of the mask), held within the range seen there. Of one region: against the doctor's regions that it touches, 0 where it touches none; the image is then what lies nearer to it than to any other region",
    source:
      'Borges, Pacheco and Silva 2024, Soft Dice Confidence, arXiv:2402.10665; fractional logistic regression: Papke and Wooldridge 1996',
    digits: 2,
  },
  outlineUncertaintyMm: {
    unit: 'mm',
    label: { zh: '轮廓不确定度', en: 'Outline uncertainty' },
    method:
      'Mean width of the band in which the outline might as well run: the area between the contours on which the odds of the probability are a third and three times those of the mask threshold, divided by the perimeter of the region',
    source: 'Area of a tube over its length (Steiner); perimeter as perimeterMm',
    digits: 1,
  },
  outlineUncertaintyPx: {
    unit: 'px',
    label: { zh: '轮廓不确定度', en: 'Outline uncertainty' },
    method: 'As outlineUncertaintyMm, on the pixel grid',
    source: 'Area of a tube over its length (Steiner); perimeter as perimeterPx',
    digits: 1,
  },
} as const satisfies Record<string, ConfidenceDeclaration>

export type ConfidenceName = keyof typeof CONFIDENCE
export const CONFIDENCE_NAMES = Object.keys(CONFIDENCE) as readonly ConfidenceName[]

/** One value for everything that is declared. */
export const RegionConfidence = z.strictObject(
  Object.fromEntries(CONFIDENCE_NAMES.map((name) => [name, FeatureValue])) as Record<
    ConfidenceName,
    typeof FeatureValue
  >,
)
export type RegionConfidence = z.infer<typeof RegionConfidence>
