import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { comparePairs, type ImagePair, verdictOf } from './paired.ts'
import { type ImageFigure, summarise } from './summary.ts'

const random = seededRandom(3)

function figure(id: string, dice: number, over: Partial<ImageFigure> = {}): ImageFigure {
  const common = { modality: 'US', class: 'benign', lesion: true, headline: true, presence: 0.9 } as const
  return { ...common, id, cluster: id, dice, iou: dice / (2 - dice), predictedAreaPx: 10, ...over }
}

/** Images of very different difficulty on which the second model is a little better, give or take. */
const PAIRS: ImagePair[] = Array.from({ length: 60 }, (_, i) => {
  const dice = random.between(0.1, 0.9)
  const lesion = i % 6 !== 0
  const facts = { lesion, class: lesion ? ('malignant' as const) : ('normal' as const) }
  const [first, second] = [random.uniform(), random.uniform()]
  return {
    first: figure(`i${i}`, dice, { ...facts, presence: first }),
    second: figure(`i${i}`, dice + random.between(-0.02, 0.06), { ...facts, presence: second }),
  }
})
const swapped = PAIRS.map(({ first, second }) => ({ first: second, second: first }))

test('the models swapped, every difference and its interval change sign', () => {
  const there = comparePairs(PAIRS, 7).allRows
  const back = comparePairs(swapped, 7).allRows
  for (const read of [
    (set: typeof there) => set.lesionImages?.dice,
    (set: typeof there) => set.allImages?.iou,
    (set: typeof there) => set.presenceAuc,
  ]) {
    const [a, b] = [read(there)!, read(back)!]
    expect(b.difference).toBeCloseTo(-a.difference, 12)
    expect(b.interval95!.low).toBeCloseTo(-a.interval95!.high, 12)
    expect(b.interval95!.high).toBeCloseTo(-a.interval95!.low, 12)
  }
  expect(back.lesionImages).toMatchObject({ better: there.lesionImages!.worse, worse: there.lesionImages!.better })
})

test('a model against itself differs by nothing, with certainty', () => {
  const { allImages, presenceAuc } = comparePairs(
    PAIRS.map(({ first }) => ({ first, second: first })),
    7,
  ).headline
  expect(allImages?.dice).toMatchObject({ difference: 0, interval95: { low: 0, high: 0 } })
  expect(allImages).toMatchObject({ same: 60, better: 0, worse: 0 })
  expect(presenceAuc).toMatchObject({ difference: 0, interval95: { low: 0, high: 0 } })
})

test('the means and areas of each model are those that evaluate gives it alone', () => {
  const { allRows } = comparePairs(PAIRS, 7)
  for (const side of ['first', 'second'] as const) {
    const alone = summarise(
      PAIRS.map((pair) => pair[side]),
      7,
    ).allRows
    expect(allRows.lesionImages?.dice[side]).toBe(alone.lesionImages?.dice.mean)
    expect(allRows.presenceAuc?.[side]).toBe(alone.presenceAuc?.auc)
    expect(allRows.normalsCalled?.[side]).toBe(alone.falsePositives?.rate)
  }
})

test('pairing tells apart what two separate intervals do not', () => {
  const { lesionImages } = comparePairs(PAIRS, 7).allRows
  const [a, b] = (['first', 'second'] as const).map(
    (side) =>
      summarise(
        PAIRS.map((pair) => pair[side]),
        7,
      ).allRows.lesionImages!.dice.interval95!,
  )
  expect(b!.low).toBeLessThan(a!.high)
  expect(lesionImages!.dice.interval95!.low).toBeGreaterThan(0)
  expect(verdictOf(lesionImages)).toBe('second-better')
  expect(verdictOf(comparePairs(swapped, 7).allRows.lesionImages)).toBe('second-worse')
})

test('copies of an image in one group make the interval no narrower', () => {
  const copies = PAIRS.flatMap((pair) => [pair, pair, pair])
  const width = (pairs: readonly ImagePair[]) => {
    const { low, high } = comparePairs(pairs, 7).allRows.allImages!.dice.interval95!
    return high - low
  }
  expect(width(copies)).toBeCloseTo(width(PAIRS), 12)
  expect(comparePairs(copies, 7).allRows.allImages?.groups).toBe(60)
})

test('near-duplicates count in all rows and not in the headline', () => {
  const pairs = PAIRS.map(({ first, second }, i) => {
    const headline = i >= 20
    return { first: { ...first, headline }, second: { ...second, headline } }
  })
  const { headline, allRows } = comparePairs(pairs, 7)
  expect([headline.allImages?.images, allRows.allImages?.images]).toEqual([40, 60])
})

test('a few groups, even of many images, allow no verdict', () => {
  const pairs = PAIRS.map(({ first, second }, i) => ({ first: { ...first, cluster: `${i % 9}` }, second }))
  const { allImages } = comparePairs(pairs, 7).allRows
  expect(allImages?.dice.interval95?.low).toBeGreaterThan(0)
  expect(verdictOf(allImages)).toBe('too-few')
  expect(verdictOf(null)).toBe('too-few')
})

test('without normal images or presence there is no figure of either', () => {
  const pairs = PAIRS.filter(({ first }) => first.lesion)
  const silent = pairs.map(({ first, second }) => ({ first, second: { ...second, presence: null } }))
  expect(comparePairs(silent, 7).allRows).toMatchObject({ presenceAuc: null, normalsCalled: null })
})
