import { PictureLook } from '#sam/picture-look.ts'
import { fitLogistic } from '#training/logistic.ts'
import { mean } from '#training/metrics.ts'
import { sharesOf } from './fit.ts'

/** In cases of weight 1. Of 10, 30, 100 and 300 any would do (docs/adr/0019-judgeable.md). */
const PENALTY = 30
/**
 * By ultrasounds of three devices that it has not learned from, each also squashed, bent, coarse, dark and bright: with the
 * first look against them too, 6 of 1,278 are below it, and 13 below 0 (docs/adr/0019-judgeable.md).
 */
const LEAST_SCORE = -2
/** As likely as not. */
const DOUBT_BELOW = 0

/** A picture of the develop part that no rule of the first look refuses outright. */
export interface Seen {
  readonly kind: string
  readonly isValid: boolean
  readonly impression: Float32Array
}

/** The file of the second look. Valid and wrong weigh the same; so does, among the wrong, every kind. */
export function fitLook(pictures: readonly Seen[], modelSha256: string): PictureLook {
  const valid = pictures.filter(({ isValid }) => isValid)
  const scales = Array.from(pictures[0]!.impression, (_, k) => {
    const all = pictures.map(({ impression }) => impression[k]!)
    const middle = mean(all)
    const scale = Math.sqrt(mean(all.map((value) => (value - middle) ** 2)))
    return { centre: mean(valid.map(({ impression }) => impression[k]!)), scale }
  })
  const { intercept, coefficients } = fitLogistic(
    pictures.map(({ impression }) => scales.map(({ centre, scale }, k) => (impression[k]! - centre) / scale)),
    pictures.map(({ isValid }) => (isValid ? 1 : 0)),
    PENALTY,
    sharesOf(pictures),
  )
  const weights = coefficients.map((coefficient, k) => rounded(coefficient / scales[k]!.scale))
  const offset = weights.reduce((sum, weight, k) => sum + weight * scales[k]!.centre, 0)
  return PictureLook.parse({
    format: 'zaoshai-look-1',
    madeBy: 'node scripts/judgeable.ts look; see docs/judgeable.md',
    modality: 'US',
    modelSha256,
    leastScore: LEAST_SCORE,
    doubtBelow: DOUBT_BELOW,
    intercept: rounded(intercept - offset),
    weights,
  })
}

const rounded = (value: number) => Number(value.toPrecision(5))
