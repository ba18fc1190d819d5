import { type Absent, absent } from '#core/absent.ts'
import { unreachable } from '#core/errors.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { type Appearance, appearance } from './appearance.ts'
import ULTRASOUND from './ultrasound-appearance.json' with { type: 'json' }

/** Limits that no picture of BUSI, CESM, MIAS or of both sets of thermograms is beyond (docs/judgeable.md). */
const LEAST_RANGE = 0.06
const LEAST_STRUCTURED = 0.1
const LEAST_FINE_CONTRAST = 0.004
const LEAST_COARSE_SHARE = 0.1
/** Grain without coarse structure is noise below this, and print or a pattern above it. */
const MOST_EDGE_TAILS_OF_NOISE = 0.45
/** Ultrasound has speckle everywhere; a drawing or a screen has edges and nothing between them. */
const MOST_EDGE_TAILS_OF_ULTRASOUND = 1
/** Mammograms are grey. Marks and a ruler in colour are allowed for. */
const MOST_HUE_SPREAD_OF_MAMMOGRAM = 0.1

/**
 * What the measures of a picture say, before any model has seen it. Absent: why nothing can be judged on it, whatever a
 * model says. `doubtful`: rather something else than the modality. `unlike`: so surely that, with no second witness, this one
 * is enough.
 */
export type FirstLook = 'judgeable' | 'doubtful' | 'unlike' | Absent

/**
 * Whether a picture can be judged as one of the modality that it was offered as, or why not: it is blank, it is noise, or
 * it looks like something else. Not by a model of lesions: by a handful of measures of its grain, layers and colour.
 *
 * Of ultrasound "something else" is told with known figures (docs/judgeable.md); ultrasound of another part of the body
 * looks like ultrasound and is not told from it. Of the other modalities too few devices are at hand to say what they must
 * look like: only blank, noise and, of mammograms, coloured pictures are refused, and of optical pictures one level alone.
 */
export function judgeability(raster: RasterImage, modality: Modality): FirstLook {
  return judged(appearance(raster), modality)
}

/** The same of what was measured already. */
export function judged(measures: Appearance, modality: Modality): FirstLook {
  if (modality === 'OT') return measures.range === 0 ? absent('blank-image') : 'judgeable'
  if (isBlank(measures)) return absent('blank-image')
  if (measures.coarseShare < LEAST_COARSE_SHARE) {
    return absent(measures.edgeTails < MOST_EDGE_TAILS_OF_NOISE ? 'image-is-noise' : 'not-this-modality')
  }
  return looksLike(measures, modality)
}

function isBlank({ range, structured, fineContrast }: Appearance): boolean {
  return range < LEAST_RANGE || structured < LEAST_STRUCTURED || fineContrast < LEAST_FINE_CONTRAST
}

function looksLike(measures: Appearance, modality: Exclude<Modality, 'OT'>): FirstLook {
  switch (modality) {
    case 'US':
      return measures.edgeTails > MOST_EDGE_TAILS_OF_ULTRASOUND ? absent('not-this-modality') : likeUltrasound(measures)
    case 'MG':
      return measures.hueSpread > MOST_HUE_SPREAD_OF_MAMMOGRAM ? absent('not-this-modality') : 'judgeable'
    // A palette makes any thermogram colourful.
    case 'TG':
      return 'judgeable'
    default: {
      const never: never = modality
      throw unreachable(never)
    }
  }
}

function likeUltrasound(measures: Appearance): FirstLook {
  const score = ultrasoundScore(measures)
  if (score < ULTRASOUND.leastScore) return 'unlike'
  return score < ULTRASOUND.doubtBelow ? 'doubtful' : 'judgeable'
}

/** Log odds, as the file has them, that a picture is an ultrasound and none of the others that it was told from. */
export function ultrasoundScore(measures: Appearance): number {
  const { intercept, terms } = ULTRASOUND
  return terms.reduce(
    (sum, { measure, centre, scale, weight }) =>
      sum + (weight * (measures[measure as keyof Appearance] - centre)) / scale,
    intercept,
  )
}
