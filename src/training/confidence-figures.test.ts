import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { ConfidenceFigures, carriedConfidence, learnConfidence, printConfidence } from './confidence-figures.ts'
import type { ImageEvaluation } from './evaluate.ts'
import { parseManifest } from './manifest.ts'

const COUNT = 120
const lines = Array.from({ length: COUNT }, (_, i) => `i${i},a.png,a.png,benign,val,g${Math.floor(i / 2)}`)
const { rows } = parseManifest(['id,image,mask,class,split,group', ...lines].join('\n'), {
  folder: '/data/clinic',
  modality: 'US',
})

/** Made-up evaluations: Dice follows soft Dice with some noise, and the outline lies 1.5 of its uncertainties off. */
function evaluations(): ImageEvaluation[] {
  const random = seededRandom(1)
  return rows.map((row) => {
    const softDice = random.between(0.2, 0.95)
    const dice = Math.min(1, Math.max(0, softDice + 0.1 * random.normal()))
    const outlineUncertainty = random.between(0.005, 0.02)
    const region = { softDice, dice, outlineUncertainty, surfaceDistance: 1.5 * outlineUncertainty }
    return {
      image: { row, imageSha256: '', maskSha256: '', lesion: true },
      mask: { dice, iou: dice / (2 - dice) },
      maskAreaPx: 50,
      truthAreaPx: 60,
      presence: random.uniform(),
      expectedIou: 0.7,
      softDice,
      regions: [region],
      milliseconds: 300,
    }
  })
}

test('what is learned on one half holds on the other, and its figures fit their schema', () => {
  const all = evaluations()
  const learned = learnConfidence(all.slice(0, 60), null, 1)!
  const held = carriedConfidence(all.slice(60), learned, null, 1)!
  expect(held.mask.expectedCalibrationError).toBeLessThan(0.06)
  expect(held.region.correlation).toBeGreaterThan(0.8)
  const figures = { US: learned.figures }
  expect(ConfidenceFigures.parse(JSON.parse(JSON.stringify(figures)))).toEqual(figures)
  expect(printConfidence(figures)).toContain('US, each region by itself\n  n=60')
})

test('images that the gate leaves without an outline, and those without one, do not count', () => {
  const all = evaluations()
  const shown = all.filter(({ presence }) => presence! >= 0.5).length
  expect(learnConfidence(all, 0.5, 1)!.figures.mask.examples).toBe(shown)
  const none = all.map((evaluation, i) => (i < 10 ? { ...evaluation, maskAreaPx: 0, regions: [] } : evaluation))
  expect(learnConfidence(none, null, 1)!.figures.mask.examples).toBe(COUNT - 10)
})

test('the outline uncertainty is compared with the distance to the doctor, on regions that met their lesion', () => {
  const all = evaluations()
  const { outline } = learnConfidence(all, null, 1)!.figures
  expect(outline?.medianRatio).toBeCloseTo(1.5, 12)
  expect(outline?.rankCorrelation).toBeCloseTo(1, 12)
  expect(outline?.regions).toBe(all.filter(({ mask }) => mask.dice >= 0.5).length)
})

test('a model that carries no confidence has none to show', () => {
  expect(carriedConfidence(evaluations(), {}, null, 1)).toBeNull()
})
