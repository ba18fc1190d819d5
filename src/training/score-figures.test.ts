import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ScoredExample } from './score-examples.ts'
import { figuresOf, judged, lesionRegion, thresholdAbove, thresholdFor } from './score-figures.ts'

/** An image whose regions have a logit and a Dice each. */
function image(kind: ScoredExample['class'], regions: readonly (readonly [logit: number, dice: number])[]) {
  const of = regions.map(([logit, dice]) => ({ dice, values: { gcnr: logit } }))
  return { id: 'i', cluster: 'c', class: kind, hasMarks: null, presence: null, regions: of } satisfies ScoredExample
}
const logitOf = (_: ScoredExample, region: ScoredExample['regions'][number]) => region.values.gcnr!

describe('an image', () => {
  test('is judged by its most suspicious region', () => {
    const [first] = judged(
      [
        image('benign', [
          [1, 0.5],
          [3, 0],
        ]),
      ],
      logitOf,
    )
    expect(first?.logit).toBe(3)
  })
  test('of a malignant lesion that no region touches scores lowest, whatever is marked elsewhere', () => {
    const [missed, unmarked] = judged([image('malignant', [[9, 0]]), image('malignant', [])], logitOf)
    expect([missed?.logit, unmarked?.logit]).toEqual([-Infinity, -Infinity])
  })
  test('learns from the region that agrees best with the doctor, not from the largest', () => {
    expect(
      lesionRegion(
        image('benign', [
          [1, 0.1],
          [2, 0.7],
          [3, 0],
        ]),
      )?.dice,
    ).toBe(0.7)
    expect(lesionRegion(image('benign', [[1, 0]]))).toBeUndefined()
  })
})

describe('a threshold', () => {
  test('chosen for a sensitivity has it, missed lesions in the denominator, and a higher one has not', () => {
    const some = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(some, fc.double({ min: 0.1, max: 1, noNaN: true }), (logits, target) => {
        const images = judged(
          logits.map((logit) => image('malignant', logit === null ? [] : [[logit, 1]])),
          logitOf,
        )
        const threshold = thresholdFor(images, target)
        const missed = logits.filter((logit) => logit === null).length
        const reach = (at: number) => logits.filter((logit) => logit !== null && logit >= at).length / logits.length
        if (threshold === null) expect(1 - missed / logits.length).toBeLessThan(target)
        else {
          expect(reach(threshold)).toBeGreaterThanOrEqual(target)
          expect(reach(threshold + 0.5)).toBeLessThan(target)
        }
      }),
    )
  })
  test('chosen for the benign lets no more of them through than the share', () => {
    const images = judged(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((logit) => image('benign', [[logit, 1]])),
      logitOf,
    )
    const above = (share: number) => images.filter(({ logit }) => logit >= thresholdAbove(images, share)).length
    expect([above(0.1), above(0.25), above(0)]).toEqual([1, 2, 0])
  })
})

test('figures count every lesion of the images: missed ones too, and normal images apart', () => {
  const images = judged(
    [
      image('malignant', [[2, 1]]),
      image('malignant', []),
      image('benign', [[1, 1]]),
      image('benign', [[3, 1]]),
      image('normal', [[5, 0]]),
    ],
    logitOf,
  )
  const figures = figuresOf('x', images, 2)
  expect(figures).toMatchObject({ malignant: 2, benign: 2, missedMalignant: 1, auc: 0.25 })
  expect([figures.sensitivity?.count, figures.specificity?.count, figures.normalsAbove?.count]).toEqual([1, 1, 1])
})
