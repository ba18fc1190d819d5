import { cholesky, solveCholesky } from '#core/cholesky.ts'
import { ScreeningError } from '#core/errors.ts'

/** Coefficient of PyTorch's bicubic kernel. */
const CUBIC_A = -0.75

/**
 * Weights with which a grid of `from` samples gives `to` bicubically interpolated ones along one axis, row-major
 * [to, from], float64. Half-pixel centres, four taps, the border sample repeated; as PyTorch's
 * `interpolate(mode='bicubic', align_corners=False)`.
 */
export function bicubicMatrix(from: number, to: number): Float64Array {
  const matrix = new Float64Array(to * from)
  for (let i = 0; i < to; i++) {
    const source = ((i + 0.5) * from) / to - 0.5
    const first = Math.floor(source)
    const t = source - first
    const taps = [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]
    taps.forEach((weight, tap) => {
      const clamped = Math.min(Math.max(first - 1 + tap, 0), from - 1)
      matrix[i * from + clamped] = (matrix[i * from + clamped] ?? 0) + weight
    })
  }
  return matrix
}

const inner = (x: number) => ((CUBIC_A + 2) * x - (CUBIC_A + 3)) * x * x + 1
const outer = (x: number) => ((CUBIC_A * x - 5 * CUBIC_A) * x + 8 * CUBIC_A) * x - 4 * CUBIC_A

/** Hiera's two position parameters. `grid`: [C, gridSize²]; `window`: [C, windowSize²]; both row-major. */
export interface PositionParameters {
  readonly grid: Float32Array
  readonly window: Float32Array
  /** Largest absolute difference between the expanded embedding and its reconstruction from the two, in float64. */
  readonly residual: number
}

/**
 * Recovers what an expanded position embedding was made of: expanded = bicubic(grid) + tile(window), by least squares
 * in float64. A constant can move between the two without any effect, so the window is given the mean zero in each
 * channel.
 * @param expanded [channels, size, size], row-major; `size` a multiple of `windowSize`.
 */
export function separatePositionEmbedding(
  expanded: Float32Array,
  { channels, size, gridSize, windowSize }: Record<'channels' | 'size' | 'gridSize' | 'windowSize', number>,
): PositionParameters {
  if (expanded.length !== channels * size * size || size % windowSize !== 0) {
    throw new ScreeningError('SHAPE_MISMATCH', { expanded: expanded.length, channels, size, windowSize })
  }
  const bicubic = bicubicMatrix(gridSize, size)
  const tile = tileMatrix(windowSize, size)
  const factor = cholesky(normalMatrix(bicubic, tile, size, gridSize, windowSize), gridSize ** 2 + windowSize ** 2)

  const gridCount = gridSize ** 2
  const windowCount = windowSize ** 2
  const grid = new Float32Array(channels * gridCount)
  const window = new Float32Array(channels * windowCount)
  let residual = 0
  for (let channel = 0; channel < channels; channel++) {
    const plane = expanded.subarray(channel * size * size, (channel + 1) * size * size)
    const right = new Float64Array(gridCount + windowCount)
    right.set(project(bicubic, plane, size, gridSize))
    right.set(project(tile, plane, size, windowSize), gridCount)
    const solution = solveCholesky(factor, right)
    grid.set(solution.subarray(0, gridCount), channel * gridCount)
    window.set(solution.subarray(gridCount), channel * windowCount)
    residual = Math.max(residual, largestDifference(plane, solution, { bicubic, size, gridSize, windowSize }))
  }
  return { grid, window, residual }
}

/** [size, windowSize] matrix that repeats a window along one axis. */
function tileMatrix(windowSize: number, size: number): Float64Array {
  const matrix = new Float64Array(size * windowSize)
  for (let i = 0; i < size; i++) matrix[i * windowSize + (i % windowSize)] = 1
  return matrix
}

/**
 * AᵀA for A = [bicubic⊗bicubic, tile⊗tile], square of side grid² + window². To the window's block is added the matrix
 * of ones, which picks the solution whose window sums to zero and leaves the fit as it is.
 */
function normalMatrix(bicubic: Float64Array, tile: Float64Array, size: number, grid: number, window: number) {
  const gg = transposedProduct(bicubic, bicubic, size, grid, grid)
  const gw = transposedProduct(bicubic, tile, size, grid, window)
  const ww = transposedProduct(tile, tile, size, window, window)
  const gridCount = grid ** 2
  const n = gridCount + window ** 2
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [block, a, b, width, side] =
        i < gridCount
          ? j < gridCount
            ? [gg, i, j, grid, grid]
            : [gw, i, j - gridCount, window, grid]
          : j < gridCount
            ? [gw, j, i - gridCount, window, grid]
            : [ww, i - gridCount, j - gridCount, window, window]
      const rows = at(block, Math.floor(a / side) * width + Math.floor(b / width))
      const columns = at(block, (a % side) * width + (b % width))
      matrix[i * n + j] = rows * columns + (i >= gridCount && j >= gridCount ? 1 : 0)
    }
  }
  return matrix
}

/** aᵀb for a: [rows, m] and b: [rows, n]. */
function transposedProduct(a: Float64Array, b: Float64Array, rows: number, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) out[i * n + j] = at(out, i * n + j) + at(a, row * m + i) * at(b, row * n + j)
    }
  }
  return out
}

/** basisᵀ · plane · basis for basis: [size, count]: the plane's inner product with every pair of basis functions. */
function project(basis: Float64Array, plane: Float32Array, size: number, count: number): Float64Array {
  const rows = transposedProduct(basis, Float64Array.from(plane), size, count, size)
  const out = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      let sum = 0
      for (let x = 0; x < size; x++) sum += at(rows, i * size + x) * at(basis, x * count + j)
      out[i * count + j] = sum
    }
  }
  return out
}

interface Layout {
  readonly bicubic: Float64Array
  readonly size: number
  readonly gridSize: number
  readonly windowSize: number
}

function largestDifference(plane: Float32Array, solution: Float64Array, layout: Layout): number {
  const { bicubic, size, gridSize, windowSize } = layout
  const gridCount = gridSize ** 2
  const columns = new Float64Array(gridSize * size)
  for (let gy = 0; gy < gridSize; gy++) {
    for (let x = 0; x < size; x++) {
      let sum = 0
      for (let gx = 0; gx < gridSize; gx++) sum += at(solution, gy * gridSize + gx) * at(bicubic, x * gridSize + gx)
      columns[gy * size + x] = sum
    }
  }
  let largest = 0
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let value = at(solution, gridCount + (y % windowSize) * windowSize + (x % windowSize))
      for (let gy = 0; gy < gridSize; gy++) value += at(bicubic, y * gridSize + gy) * at(columns, gy * size + x)
      largest = Math.max(largest, Math.abs(value - (plane[y * size + x] ?? 0)))
    }
  }
  return largest
}

/** An element of a typed array whose index is known to be inside. */
function at(values: Float64Array, index: number): number {
  return values[index] as number
}
