import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import { openSession } from '#engine/session.ts'
import { promptsOf } from './correction.ts'
import { promptFeeds } from './simulated-prompt.ts'

const SIDE = 16
const CELLS = SIDE * SIDE
/** Pixels of the 1024 frame in a cell. */
const CELL = 1024 / SIDE
/** Columns 4 to 7 and rows 8 to 11. */
const lesion = Float32Array.from({ length: CELLS }, (_, i) =>
  i % SIDE >= 4 && i % SIDE < 8 && i >= 8 * SIDE && i < 12 * SIDE ? 1 : 0,
)
const many = 60
const feeds = promptFeeds(repeat(lesion, many), SIDE, seededRandom(2))
const labels = rows(feeds.labels!.data as Float32Array, 2)
const points = rows(feeds.points!.data as Float32Array, 4)

test('boxes, clicks and corrections are about equally frequent', () => {
  const corrected = (feeds.corrects!.data as Float32Array).reduce((sum, value) => sum + value, 0)
  const boxes = labels.filter(([label]) => label === 2).length
  const clicks = labels.filter(([label]) => label === 1).length
  expect(boxes + clicks + corrected).toBe(many)
  for (const count of [boxes, clicks, corrected]) expect(count).toBeGreaterThan(many / 6)
})

test('a click lies on the lesion, a box about it, within its unsteadiness', () => {
  for (const [i, [x0, y0, x1, y1]] of points.entries()) {
    if (labels[i]![0] === 1) {
      expect(lesion[Math.floor((y0! + 0.5) / CELL) * SIDE + Math.floor((x0! + 0.5) / CELL)]).toBe(1)
    }
    if (labels[i]![0] !== 2) continue
    for (const [drawn, exact] of [
      [x0, 4],
      [y0, 8],
      [x1, 8],
      [y1, 12],
    ] as const) {
      expect(Math.abs(drawn! - exact * CELL)).toBeLessThanOrEqual(20)
    }
  }
})

test('an image without a lesion gets no prompt', () => {
  const none = promptFeeds(new Float32Array(CELLS), SIDE, seededRandom(1))
  expect(none.labels!.data).toEqual(Float32Array.of(-1, -1))
  expect(none.corrects!.data).toEqual(Float32Array.of(0))
})

test('a correcting click falls on a wrong cell and says whether that is lesion; a mask without error is clicked on the lesion', async () => {
  const said = Float32Array.from(lesion, (value, i) => (i === 0 ? 3 : value === 1 && i % SIDE < 7 ? 3 : -3))
  const before = new Float32Array(8 * CELLS)
  for (let i = 0; i < 8; i++) before.set(i < 7 ? said : lesion, i * CELLS)
  const random = seededRandom(4)
  const chance = Float32Array.from({ length: 8 * CELLS }, () => 1 - random.uniform())
  const seen = await clicks(before, chance)
  const wrong = (x: number, y: number) => (x === 7 && y >= 8 && y < 12) || (x === 0 && y === 0)
  for (const { x, y, label } of seen.slice(0, 7)) {
    expect(wrong(x, y), `${x},${y}`).toBe(true)
    expect(label).toBe(x === 7 ? 1 : 0)
  }
  expect(new Set(seen.slice(0, 7).map(({ x, y }) => `${x},${y}`)).size).toBeGreaterThan(2)
  expect(lesion[seen[7]!.y * SIDE + seen[7]!.x]).toBe(1)
  expect(seen[7]!.label).toBe(1)
})

async function clicks(before: Float32Array, chance: Float32Array) {
  const graph = new Graph()
  const shape = [8, SIDE, SIDE]
  const prompt = promptsOf(graph, graph.input('before', shape), graph.input('target', shape))
  await using session = await openSession(toOnnx({ at: prompt.points, are: prompt.labels }))
  const outputs = await session.run({
    before: { data: before, shape },
    target: { data: repeat(lesion, 8), shape },
    points: { data: new Float32Array(32), shape: [8, 2, 2] },
    labels: { data: new Float32Array(16).fill(-1), shape: [8, 2] },
    corrects: { data: new Float32Array(8).fill(1), shape: [8] },
    chance: { data: chance, shape: [8, CELLS] },
  })
  const labels = rows(outputs.are!.data as Float32Array, 3)
  return rows(outputs.at!.data as Float32Array, 6).map(([, , , , x, y], i) => ({
    x: (x! + 0.5) / CELL - 0.5,
    y: (y! + 0.5) / CELL - 0.5,
    label: labels[i]![2],
  }))
}

function repeat(data: Float32Array, times: number): Float32Array {
  return Float32Array.from({ length: data.length * times }, (_, i) => data[i % data.length]!)
}

function rows(data: Float32Array, width: number): number[][] {
  return Array.from({ length: data.length / width }, (_, i) => [...data.subarray(i * width, (i + 1) * width)])
}
