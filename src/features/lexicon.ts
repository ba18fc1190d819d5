import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { CodedValue, MassWordName, WordOf } from '#core/coded-features.ts'
import type { FeatureName, FeatureValue } from '#core/features.ts'
import { LEXICON_LIMITS } from '#core/lexicon-limits.ts'
import type { Modality } from '#core/modality.ts'

/** The features that the words are told from. */
export const FEATURES_OF_WORDS = [
  'areaPx',
  'elongation',
  'ellipseOverlap',
  'lobulationCount',
  'solidity',
  'orientationDeg',
  'edgeAbruptness',
  'posteriorAcousticRatio',
] as const satisfies readonly FeatureName[]

/** What the words are told from: measured features, the kind of image, and whose outline was measured. */
export interface MassSubject {
  readonly features: Readonly<Record<(typeof FEATURES_OF_WORDS)[number], FeatureValue>>
  readonly modality: Modality | undefined
  /** Undefined where nobody said it: no doctor's then. */
  readonly outlinedBy: 'doctor' | 'software' | undefined
}

/**
 * The words of the BI-RADS lexicon for a mass that numbers carry, each suggested by a rule. Shape and margin need a doctor's
 * outline; orientation and posterior features hold on the software's, too. Ultrasound alone: on mammograms the rules failed.
 * Evidence: ADR 23.
 */
export function describeMass(subject: MassSubject): { [N in MassWordName]: CodedValue<WordOf<N>> } {
  return {
    shape: ofDoctorsOutline(subject, shapeWord),
    orientation: onUltrasound(subject, orientationWord),
    margin: ofDoctorsOutline(subject, marginWord),
    posteriorFeatures: onUltrasound(subject, posteriorWord),
  }
}

type Rule<W extends string> = (features: MassSubject['features']) => W | Absent

function ofDoctorsOutline<W extends string>(subject: MassSubject, rule: Rule<W>): CodedValue<W> {
  if (subject.modality === 'MG') return absent('word-not-validated')
  if (subject.modality === 'US' && subject.outlinedBy !== 'doctor') return absent('outline-not-by-doctor')
  return onUltrasound(subject, rule)
}

function onUltrasound<W extends string>({ features, modality }: MassSubject, rule: Rule<W>): CodedValue<W> {
  if (modality !== 'US') return absent('not-for-this-modality')
  const word = rule(features)
  return isAbsent(word) ? word : { word, suggested: true }
}

function shapeWord({
  areaPx,
  elongation,
  ellipseOverlap,
  lobulationCount,
  solidity,
}: MassSubject['features']): WordOf<'shape'> | Absent {
  if (isAbsent(areaPx)) return areaPx
  if (areaPx.value < LEXICON_LIMITS.smallestShapePx) return absent('region-too-small')
  if (isAbsent(elongation)) return elongation
  if (isAbsent(ellipseOverlap)) return ellipseOverlap
  if (isAbsent(lobulationCount)) return lobulationCount
  if (isAbsent(solidity)) return solidity
  const isIrregular =
    lobulationCount.value >= LEXICON_LIMITS.irregularLobes ||
    solidity.value < LEXICON_LIMITS.leastSolidity ||
    ellipseOverlap.value < LEXICON_LIMITS.leastEllipseOverlap
  if (isIrregular) return 'irregular'
  return elongation.value >= LEXICON_LIMITS.roundElongation ? 'round' : 'oval'
}

/** A round mass has no long axis that could be parallel to the skin. */
function orientationWord({ elongation, orientationDeg }: MassSubject['features']): WordOf<'orientation'> | Absent {
  if (isAbsent(elongation)) return elongation
  if (elongation.value >= LEXICON_LIMITS.roundElongation) return 'not-parallel'
  if (isAbsent(orientationDeg)) return orientationDeg
  return Math.abs(orientationDeg.value) < LEXICON_LIMITS.parallelWithinDeg ? 'parallel' : 'not-parallel'
}

/** Circumscribed is what is sharp all around; one cause is enough for the contrary. */
function marginWord(features: MassSubject['features']): WordOf<'margin'> | Absent {
  const shape = shapeWord(features)
  if (isAbsent(shape)) return shape
  const { edgeAbruptness } = features
  if (isAbsent(edgeAbruptness)) return edgeAbruptness
  const isSharp = edgeAbruptness.value >= LEXICON_LIMITS.leastEdgeAbruptness
  return shape !== 'irregular' && isSharp ? 'circumscribed' : 'not-circumscribed'
}

function posteriorWord({ posteriorAcousticRatio }: MassSubject['features']): WordOf<'posteriorFeatures'> | Absent {
  if (isAbsent(posteriorAcousticRatio)) return posteriorAcousticRatio
  if (posteriorAcousticRatio.value < LEXICON_LIMITS.shadowingBelow) return 'shadowing'
  return posteriorAcousticRatio.value * LEXICON_LIMITS.shadowingBelow >= 1 ? 'enhancement' : 'none'
}
