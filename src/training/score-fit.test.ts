import { describe, expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import type { ScoreTerm } from '#core/score.ts'
import { rocArea } from './delong.ts'
import { calibrate, fitScore, logitOf, outOfFoldScores, type ScoreLesion } from './score-fit.ts'

const TERMS: readonly ScoreTerm[] = ['solidity', 'gcnr', 'circularity', 'presence']

/** Made-up lesions: solidity and gcnr tell of the class, the others do not; two of each cluster. */
function drawn(count: number, strength: number): ScoreLesion[] {
  const random = seededRandom(9, 'score lesions')
  return Array.from({ length: count }, (_, i) => {
    const [solidity, gcnr] = [random.normal(), random.normal()]
    const p = 1 / (1 + Math.exp(0.6 - strength * (gcnr - solidity)))
    const values = { solidity, gcnr, circularity: random.normal(), presence: i % 7 === 0 ? null : random.normal() }
    return { cluster: `c${Math.floor(i / 2)}`, malignant: random.uniform() < p ? 1 : 0, values }
  })
}

const areaOf = (lesions: readonly ScoreLesion[], logits: readonly number[]) => {
  const of = (kind: 0 | 1) => logits.filter((_, i) => lesions[i]?.malignant === kind)
  return rocArea(of(1), of(0))!
}

describe('a score', () => {
  test('weighs the terms that tell of the class, with their sign, and those that do not hardly at all', () => {
    const { terms } = fitScore(drawn(300, 1.5), TERMS, 1)
    const weight = Object.fromEntries(terms.map(({ term, coefficient }) => [term, coefficient]))
    expect(weight.gcnr).toBeGreaterThan(0.8)
    expect(weight.solidity).toBeLessThan(-0.8)
    for (const term of ['circularity', 'presence']) expect(Math.abs(weight[term]!)).toBeLessThan(0.4)
  })

  test('of what tells nothing of the class is held back the most, and its logit is that of the shares', () => {
    const lesions = drawn(300, 0)
    const fit = fitScore(lesions, TERMS, 1)
    expect(fit.lambda).toBeGreaterThanOrEqual(100)
    const share = lesions.filter(({ malignant }) => malignant === 1).length / 300
    expect(fit.intercept).toBeCloseTo(Math.log(share / (1 - share)), 1)
  })
})

test('out of fold nothing is learned from noise: the area stays about a half', () => {
  const lesions = drawn(200, 0)
  const scores = outOfFoldScores(lesions, TERMS, 4)
  const { low, high } = areaOf(
    lesions,
    lesions.map((lesion) => logitOf(scores.get(lesion.cluster)!, lesion)),
  )
  expect(low).toBeLessThan(0.5)
  expect(high - low).toBeLessThan(0.25)
})

test('a calibration makes the mean probability the share of the malignant', () => {
  const lesions = drawn(400, 1.5)
  const logits = lesions.map(({ values }) => 3 * (values.gcnr! - values.solidity!) + 2)
  const malignant = lesions.map((lesion) => lesion.malignant)
  const { intercept, slope } = calibrate(logits, malignant)
  const mean = logits.reduce((sum, logit) => sum + 1 / (1 + Math.exp(-(intercept + slope * logit))), 0) / 400
  expect(mean).toBeCloseTo(malignant.reduce<number>((sum, y) => sum + y, 0) / 400, 4)
  // the law has slope 1.5 on gcnr less solidity, so 0.5 on these logits
  expect(slope).toBeCloseTo(0.5, 1)
})
