import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { chooseGate, PresenceGate, type ScoredImage, thresholdKeeping } from './presence-gate.ts'

/** Made-up scores: lesions score higher on average, by `shift` standard deviations. */
function images(lesions: number, normals: number, shift: number, seed: number): ScoredImage[] {
  const random = seededRandom(seed)
  return Array.from({ length: lesions + normals }, (_, i) => {
    const lesion = i < lesions
    const score = random.normal() + (lesion ? shift : 0)
    return { presence: 1 / (1 + Math.exp(-score)), lesion, cluster: String(i), headline: true, source: 'val' }
  })
}

test('a threshold keeps the asked share of lesions and does not look at normal images', () => {
  const lesions = Array.from({ length: 101 }, (_, i) => ({ presence: i / 100, lesion: true }))
  const threshold = thresholdKeeping(0.95, [...lesions, { presence: 0.99, lesion: false }])!
  const kept = (at: number) => lesions.filter(({ presence }) => presence >= at).length / 101
  expect(kept(threshold)).toBeGreaterThanOrEqual(0.95)
  expect(kept(threshold + 1e-9)).toBeLessThan(0.95)
  expect(thresholdKeeping(0.95, [{ presence: 0.9, lesion: false }])).toBeNull()
})

test('the gate keeps its goal of lesions out-of-fold, and on new images from the same source nearly so', () => {
  const fresh = images(20_000, 0, 2, 999)
  const shares = Array.from({ length: 20 }, (_, seed) => {
    const gate = chooseGate(images(97, 20, 2, seed), 0.95, seed)!
    expect(gate.allRows.lesionsKept!.counted / 97).toBeGreaterThanOrEqual(0.95)
    return fresh.filter(({ presence }) => presence >= gate.threshold).length / fresh.length
  })
  const average = shares.reduce((sum, share) => sum + share) / shares.length
  expect(average).toBeGreaterThan(0.94)
  expect(average).toBeLessThan(0.98)
})

test('where the scores separate, no normal image is called and every lesion but the goal is kept', () => {
  const gate = chooseGate(images(100, 30, 20, 1), 0.95, 1)!
  expect(gate.allRows.normalsCalled).toMatchObject({ images: 30, counted: 0 })
  expect(gate.chosenOn).toEqual({ val: 130 })
})

test('counts of the headline leave near-duplicates out, and the sources are counted apart', () => {
  const all = images(90, 20, 2, 3).map((image, i) => ({
    ...image,
    headline: i % 3 !== 0,
    source: i < 10 ? 'train, out-of-fold' : 'val',
  }))
  const gate = chooseGate(all, 0.95, 1)!
  expect(gate.headline.lesionsKept?.images).toBe(60)
  expect(gate.allRows.lesionsKept?.images).toBe(90)
  expect(gate.chosenOn).toEqual({ 'train, out-of-fold': 10, val: 100 })
  expect(PresenceGate.parse(JSON.parse(JSON.stringify(gate)))).toEqual(gate)
})

test('an image has no say in whether it is called: turning its score turns at most itself', () => {
  // One very low lesion in a cluster of its own: kept by no threshold that the others choose.
  const all = images(97, 20, 2, 5)
  const low = all.map((image, i) => (i === 0 ? { ...image, presence: 1e-9 } : image))
  const gate = chooseGate(low, 0.95, 1)!
  expect(gate.threshold).toBeGreaterThan(1e-9)
  expect(gate.allRows.lesionsKept!.counted).toBeLessThan(97)
})

test('of fewer than twenty patients or groups with a lesion no gate is chosen', () => {
  for (const lesions of [0, 1, 5, 19]) expect(chooseGate(images(lesions, 20, 2, 1), 0.95, 1)).toBeNull()
  const fewWomen = images(97, 20, 2, 1).map((image, i) => ({ ...image, cluster: String(i % 19) }))
  expect(chooseGate(fewWomen, 0.95, 1)).toBeNull()
  expect(chooseGate(images(40, 20, 2, 1), 0.95, 1)).not.toBeNull()
})

test('a gate that does not keep its goal even at the lowest scores of the others is none', () => {
  // One lesion in twenty must be missed: the lowest of all is below every threshold that the others choose.
  expect(chooseGate(images(20, 20, 2, 1), 0.96, 1)).toBeNull()
})
