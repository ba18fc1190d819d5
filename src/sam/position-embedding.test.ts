import proto from 'onnx-proto'
import { expect, test } from 'vitest'
import { seededRandom } from '#core/random.ts'
import { onnxRuntime } from '#engine/onnxruntime.ts'
import { bicubicMatrix, separatePositionEmbedding } from './position-embedding.ts'

/** float64 expansion by the definition: bicubic in both directions, plus the repeated window. */
function expand(grid: Float32Array, window: Float32Array, size: number, gridSize: number, windowSize: number) {
  const bicubic = bicubicMatrix(gridSize, size)
  return Float32Array.from({ length: size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size), i % size]
    let sum = window[(y % windowSize) * windowSize + (x % windowSize)] ?? NaN
    for (let gy = 0; gy < gridSize; gy++) {
      for (let gx = 0; gx < gridSize; gx++) {
        const weight = (bicubic[y * gridSize + gy] ?? NaN) * (bicubic[x * gridSize + gx] ?? NaN)
        sum += weight * (grid[gy * gridSize + gx] ?? NaN)
      }
    }
    return sum
  })
}

test('grid and window come back from what they were expanded to', () => {
  const random = seededRandom(7)
  const grid = Float32Array.from({ length: 49 }, () => random.uniform() - 0.5)
  const window = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 0.1 : -0.1) * (1 + (i >> 1)))
  const expanded = expand(grid, window, 256, 7, 8)
  const found = separatePositionEmbedding(expanded, { channels: 1, size: 256, gridSize: 7, windowSize: 8 })
  // float32 rounding of the expanded values, of size 1 to 4, is 2e-7.
  expect(found.residual).toBeLessThan(3e-7)
  for (const [i, value] of grid.entries()) expect(found.grid[i]).toBeCloseTo(value, 6)
  for (const [i, value] of window.entries()) expect(found.window[i]).toBeCloseTo(value, 6)
})

test('what is not grid plus window leaves a residual that says so', () => {
  const random = seededRandom(3)
  const noise = Float32Array.from({ length: 32 * 32 }, () => random.uniform())
  const { residual } = separatePositionEmbedding(noise, { channels: 1, size: 32, gridSize: 7, windowSize: 8 })
  expect(residual).toBeGreaterThan(0.1)
})

test.each([
  [7, 256],
  [7, 112],
  [5, 9],
])('bicubic interpolation from %i to %i samples is that of ONNX Runtime', async (from, to) => {
  const { InferenceSession, Tensor } = await onnxRuntime()
  const { AttributeProto, TensorProto } = proto.onnx
  const float = TensorProto.DataType.FLOAT
  const dim = [1, 1, 1, from].map((dimValue) => ({ dimValue }))
  const text = (name: string, s: string) => ({ name, type: AttributeProto.AttributeType.STRING, s: Buffer.from(s) })
  const model = proto.onnx.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 18 }],
    graph: {
      name: 'resize',
      input: [{ name: 'x', type: { tensorType: { elemType: float, shape: { dim } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: float } } }],
      initializer: [{ name: 'sizes', dims: [4], dataType: TensorProto.DataType.INT64, int64Data: [1, 1, 1, to] }],
      node: [
        {
          opType: 'Resize',
          input: ['x', '', '', 'sizes'],
          output: ['y'],
          attribute: [
            text('mode', 'cubic'),
            text('coordinate_transformation_mode', 'half_pixel'),
            { name: 'cubic_coeff_a', type: AttributeProto.AttributeType.FLOAT, f: -0.75 },
          ],
        },
      ],
    },
  }).finish()
  const session = await InferenceSession.create(model)
  const random = seededRandom(from * to)
  const x = Float32Array.from({ length: from }, () => random.uniform())
  const { y } = await session.run({ x: new Tensor('float32', x, [1, 1, 1, from]) })
  const matrix = bicubicMatrix(from, to)
  for (let i = 0; i < to; i++) {
    const ours = x.reduce((sum, sample, j) => sum + sample * (matrix[i * from + j] ?? NaN), 0)
    // ONNX Runtime finds the taps' distances in float32.
    expect(ours).toBeCloseTo(Number(y?.data[i]), 5)
  }
  await session.release()
})
