import { expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import type { ImageEvaluation } from './evaluate.ts'
import { HeldOutFigures, learnFromHeldOut, printHeldOut } from './held-out.ts'
import { parseManifest } from './manifest.ts'

/** Made-up evaluations: every fourth image has no lesion; its mask is worth nothing and its presence lower. */
function evaluations(modality: Modality, count: number): ImageEvaluation[] {
  const random = seededRandom(1, modality)
  const lines = Array.from(
    { length: count },
    (_, i) => `i${i},a.png,${i % 4 === 0 ? ',normal' : 'a.png,benign'},val,g${i}`,
  )
  const { rows } = parseManifest(['id,image,mask,class,split,group', ...lines].join('\n'), {
    folder: `/data/${modality}`,
    modality,
  })
  return rows.map((row) => {
    const lesion = row.class !== 'normal'
    const softDice = random.between(lesion ? 0.4 : 0.1, lesion ? 0.95 : 0.5)
    const dice = lesion ? Math.min(1, Math.max(0, softDice + 0.1 * random.normal())) : 0
    return {
      image: { row, imageSha256: '', maskSha256: '', lesion },
      mask: { dice, iou: dice / (2 - dice) },
      maskAreaPx: 50,
      truthAreaPx: lesion ? 60 : 0,
      presence: 1 / (1 + Math.exp(-(random.normal() + (lesion ? 2 : -1)))),
      expectedIou: 0.7,
      softDice,
      regions: [{ softDice, dice, outlineUncertainty: 0.01, surfaceDistance: lesion ? 0.01 : null }],
      milliseconds: 300,
    }
  })
}

const MG_THRESHOLD = { threshold: 0.3, chosenOn: 80, outOfFoldDice: 0.6, curve: [{ threshold: 0.3, dice: 0.61 }] }

test('a modality with normal images gets a gate and a confidence, one without gets the reason and a confidence', () => {
  const all = [...evaluations('US', 120), ...evaluations('MG', 80)]
  const { settings, figures } = learnFromHeldOut(all, new Map([['MG', MG_THRESHOLD]]), new Set(['US']), 1)
  const [us, mg] = [settings.get('US')!, settings.get('MG')!]
  expect(isAbsent(us.presenceThreshold)).toBe(false)
  expect([us.maskThreshold, mg.maskThreshold]).toEqual([undefined, 0.3])
  expect(mg.presenceThreshold).toEqual({ absent: 'no-normal-training-data' })
  expect(us.confidence?.mask.slope).toBeGreaterThan(0)
  expect(mg.confidence?.region.slope).toBeGreaterThan(0)
  expect(Object.keys(figures.presenceGate)).toEqual(['US'])
  expect(figures.confidence.US?.mask.examples).toBeLessThan(120)
  expect(figures.confidence.MG?.mask.examples).toBe(80)
  expect(HeldOutFigures.parse(JSON.parse(JSON.stringify(figures)))).toEqual(figures)
  expect(printHeldOut(figures)).toMatch(/lesions kept +\d+ of 90/)
})

test('of a handful of images no confidence is promised, and that is said', () => {
  const { settings, figures } = learnFromHeldOut(evaluations('US', 12), new Map(), new Set(['US']), 1)
  expect(settings.get('US')).not.toHaveProperty('confidence')
  expect(printHeldOut(figures)).toContain('too few masks')
})
