import fc from 'fast-check'
import { expect, test } from 'vitest'
import { centralDifferences, evaluate64 } from '#engine/float64-oracle.ts'
import { gradients } from '#engine/gradient.ts'
import { Graph } from '#engine/graph.ts'
import { iouLoss, maskLosses, presenceLoss } from './losses.ts'

const [BATCH, SIDE] = [2, 3]
const PIXELS = SIDE * SIDE
const logits = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2 * PIXELS, maxLength: 2 * PIXELS })
const soft = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 * PIXELS, maxLength: 2 * PIXELS })
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))

function masks() {
  const graph = new Graph()
  const z = graph.input('z', [BATCH, SIDE, SIDE])
  const t = graph.input('t', [BATCH, SIDE, SIDE])
  const w = graph.input('w', [BATCH])
  return { z, t, w, losses: maskLosses(z, t, w) }
}

test('mask losses are what their definitions say', () => {
  const { losses } = masks()
  fc.assert(
    fc.property(logits, soft, (z, t) => {
      const w = [0.25, 0.75]
      const expected = { dice: 0, crossEntropy: 0, focal: 0 }
      for (let b = 0; b < BATCH; b++) {
        let [shared, total, entropy, focal] = [0, 0, 0, 0]
        for (let i = b * PIXELS; i < (b + 1) * PIXELS; i++) {
          const [p, y] = [sigmoid(z[i]!), t[i]!]
          const loss = -y * Math.log(p) - (1 - y) * Math.log(1 - p)
          const right = p * y + (1 - p) * (1 - y)
          shared += p * y
          total += p + y
          entropy += loss / PIXELS
          focal += ((0.25 * y + 0.75 * (1 - y)) * (1 - right) ** 2 * loss) / PIXELS
        }
        expected.dice += w[b]! * (1 - (2 * shared + 1) / (total + 1))
        expected.crossEntropy += w[b]! * entropy
        expected.focal += w[b]! * focal
      }
      const computed = evaluate64({ ...losses }, { z, t, w })
      for (const [name, value] of Object.entries(expected)) expect(computed[name]![0]).toBeCloseTo(value, 9)
    }),
    { numRuns: 20 },
  )
})

test('a perfect, certain mask costs next to nothing and an image of weight 0 nothing at all', () => {
  const { losses } = masks()
  const t = [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const z = t.map((value, i) => (i < PIXELS ? 40 * value - 20 : 5))
  const computed = evaluate64({ ...losses }, { z, t, w: [1, 0] })
  for (const loss of Object.values(computed)) expect(loss[0]).toBeCloseTo(0, 6)
})

test('gradients of the mask losses equal central differences', () => {
  const { z, losses } = masks()
  fc.assert(
    fc.property(logits, soft, (zs, ts) => {
      const feeds = { z: zs, t: ts, w: [0.5, 0.5] }
      for (const loss of Object.values(losses)) {
        const [gradient] = gradients(loss, [z])
        const { g } = evaluate64({ g: gradient! }, feeds)
        const expected = centralDifferences(loss, feeds, 'z')
        for (const [i, value] of expected.entries()) expect(g![i]).toBeCloseTo(value, 6)
      }
    }),
    { numRuns: 5 },
  )
})

test('presence loss is cross-entropy over the images that count', () => {
  const graph = new Graph()
  const loss = presenceLoss(graph.input('z', [3]), graph.input('y', [3]), graph.input('w', [3]))
  const { value } = evaluate64({ value: loss }, { z: [2, -1, 9], y: [1, 0, 0], w: [0.5, 0.5, 0] })
  expect(value![0]).toBeCloseTo(-0.5 * Math.log(sigmoid(2)) - 0.5 * Math.log(1 - sigmoid(-1)), 9)
})

test('the IoU loss compares with the real IoU and sends no gradient into the mask', () => {
  const graph = new Graph()
  const z = graph.input('z', [1, 2, 2])
  const predicted = graph.input('predicted', [1])
  const loss = iouLoss(predicted, z, graph.input('t', [1, 2, 2]), graph.input('w', [1]))
  const feeds = { z: [3, 1, -2, -1], predicted: [0.9], t: [1, 0, 1, 0], w: [1] }
  const { value } = evaluate64({ value: loss }, feeds)
  expect(value![0]).toBeCloseTo((0.9 - (1 + 1) / (3 + 1)) ** 2, 9)
  expect(() => gradients(loss, [z])).toThrow(/GRADIENT_UNDEFINED/)
  const { slope } = evaluate64({ slope: gradients(loss, [predicted])[0]! }, feeds)
  expect(slope![0]).toBeCloseTo(2 * (0.9 - 0.5), 9)
})
