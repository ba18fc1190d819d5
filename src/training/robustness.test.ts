import { expect, test } from 'vitest'
import { type PerturbedImage, printRobustness, RobustnessRow, robustness } from './robustness.ts'
import type { ImageFigure } from './summary.ts'

const figure = (id: number, dice: number, lesion = true): ImageFigure => ({
  id: String(id),
  modality: 'US',
  class: lesion ? 'benign' : 'normal',
  lesion,
  headline: true,
  cluster: String(id),
  dice,
  iou: dice / (2 - dice),
  presence: 0.5,
  predictedAreaPx: dice === (lesion ? 0 : 1) ? 0 : 100,
})

const pair = (clean: ImageFigure, perturbed: ImageFigure): PerturbedImage => ({
  perturbation: { kind: 'gain', strength: 0.8 },
  clean,
  perturbed,
  cleanWithoutGate: clean,
  perturbedWithoutGate: perturbed,
})

test('an image against itself differs by nothing, surely', () => {
  const images = Array.from({ length: 30 }, (_, i) => pair(figure(i, i / 30), figure(i, i / 30)))
  const [row] = robustness(images, 1)
  expect(row?.whatUserGets).toMatchObject({ difference: 0, interval95: { low: 0, high: 0 } })
})

test('the interval is of the differences: one shift of all is sure, however much the images differ', () => {
  const images = Array.from({ length: 30 }, (_, i) => pair(figure(i, 0.05 + i / 40), figure(i, i / 40)))
  const { difference, interval95 } = robustness(images, 1)[0]!.whatUserGets!
  expect(difference).toBeCloseTo(-0.05, 12)
  expect(interval95!.high - interval95!.low).toBeLessThan(1e-9)
})

test('lesions and normals are counted apart, modalities and perturbations have rows of their own', () => {
  const normal = pair(figure(1, 1, false), figure(1, 0, false))
  const images = [
    pair(figure(0, 0.8), figure(0, 0.7)),
    normal,
    { ...pair(figure(2, 0.8), figure(2, 0.9)), perturbation: { kind: 'jpeg', strength: 30 } as const },
    pair({ ...figure(3, 0.5), modality: 'MG' }, { ...figure(3, 0.4), modality: 'MG' }),
  ]
  const rows = robustness(images, 1)
  expect(rows.map(({ modality, kind, lesionImages }) => [modality, kind, lesionImages])).toEqual(
    expect.arrayContaining([
      ['US', 'gain', 1],
      ['US', 'jpeg', 1],
      ['MG', 'gain', 1],
    ]),
  )
  expect(rows.find(({ modality, kind }) => modality === 'US' && kind === 'gain')?.normals).toEqual({
    images: 1,
    called: 1,
    calledClean: 0,
  })
  for (const row of rows) expect(RobustnessRow.parse(JSON.parse(JSON.stringify(row)))).toEqual(row)
  expect(printRobustness(rows)).toMatch(/gain 0\.8 +1 +0\.700 -0\.100!/)
})
