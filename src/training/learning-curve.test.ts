import { expect, test } from 'vitest'
import { learningCurvePage } from './learning-curve.ts'
import type { EpochRecord } from './run-folder.ts'

const record = (epoch: number, dice: number, presenceAuc: number | null): EpochRecord => ({
  epoch,
  steps: 10 * (epoch + 1),
  seconds: 20,
  learningRateScale: 1,
  losses: { total: 1 / (epoch + 1), dice: 0.5, gradientNorm: 40 },
  train: { images: 4, dice, iou: dice / 2 },
  val: { images: 4, dice, iou: dice / 2 },
  valPerDataset: { clinic: dice },
  firstLookDice: dice,
  presenceAuc,
  score: dice,
  best: dice > 0.5,
})

test('the page names the best epoch and draws a line for every figure and every loss', () => {
  const page = learningCurvePage([record(0, 0.4, 0.8), record(1, 0.7, 0.9), record(2, 0.5, 0.9)])
  expect(page).toContain('3 epochs; the best is epoch 2: Dice 0.700, IoU 0.350')
  expect(page.match(/<polyline/g)).toHaveLength(5 + 2)
  expect(page.match(/<tr class="best">/g)).toHaveLength(1)
})

test('it stands alone: no script, no style and no picture from elsewhere', () => {
  expect(learningCurvePage([record(0, 0.4, 0.8)])).not.toMatch(/<script|<link|<img|https?:|@import/)
})

test('a presence that was never taught is drawn and written as none, not as 0', () => {
  const page = learningCurvePage([record(0, 0.4, null), record(1, 0.6, null)])
  expect(page).toContain('<td>none</td>')
  expect(page).toContain('<polyline points="" ')
})

test('every coordinate is a number, with one epoch and with none', () => {
  for (const history of [[], [record(0, 0.4, 0.8)]])
    expect(learningCurvePage(history)).not.toMatch(/NaN|undefined|Infinity/)
})
