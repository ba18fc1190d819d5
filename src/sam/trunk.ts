/** Hiera-tiny, SAM 2's image trunk (Ryali et al. 2023; Ravi et al. 2024). Channels-last throughout. */
import { ScreeningError } from '#core/errors.ts'
import type { Value } from '#engine/graph.ts'
import { gelu } from '#engine/operators/activation.ts'
import { add, reshape, transpose } from '#engine/operators/arithmetic.ts'
import { conv2d } from '#engine/operators/convolution.ts'
import { maxPool2x2 } from '#engine/operators/resampling.ts'
import { pad, slice, split } from '#engine/operators/shape.ts'
import { attention, dense, norm } from './layers.ts'
import { type ParameterSource, scoped } from './parameters.ts'
import { bicubicMatrix } from './position-embedding.ts'
import type { Weights } from './weights.ts'

/** Input sizes must be multiples of this: 4 for the patches, 8 for the tiled position embedding. */
export const SIZE_MULTIPLE = 32

const NORM_EPSILON = 1e-6

interface Block {
  readonly channels: number
  readonly heads: number
  /** Side of an attention window in tokens before pooling; 0 attends over the whole image. */
  readonly window: number
  /** First block of a stage: channels double, queries are pooled 2x2. */
  readonly widens: boolean
}

/** Blocks by which each of the four stages ends. */
export const STAGE_ENDS = [0, 2, 9, 11] as const
/** Number of blocks. */
export const TRUNK_BLOCKS = 12

/** The block of the trunk that a parameter belongs to, and its name within. */
export function trunkBlock(name: string): { readonly block: number; readonly rest: string } | undefined {
  const [, block, rest] = /^image_encoder\.trunk\.blocks\.(\d+)\.(.+)$/.exec(name) ?? []
  return rest === undefined ? undefined : { block: Number(block), rest }
}

/** The twelve blocks of Hiera-tiny; the first block of a stage still has the window of the stage before. */
const BLOCKS: readonly Block[] = [
  { channels: 96, heads: 1, window: 8, widens: false },
  { channels: 192, heads: 2, window: 8, widens: true },
  { channels: 192, heads: 2, window: 4, widens: false },
  { channels: 384, heads: 4, window: 4, widens: true },
  { channels: 384, heads: 4, window: 14, widens: false },
  { channels: 384, heads: 4, window: 0, widens: false },
  { channels: 384, heads: 4, window: 14, widens: false },
  { channels: 384, heads: 4, window: 0, widens: false },
  { channels: 384, heads: 4, window: 14, widens: false },
  { channels: 384, heads: 4, window: 0, widens: false },
  { channels: 768, heads: 8, window: 14, widens: true },
  { channels: 768, heads: 8, window: 7, widens: false },
]

/**
 * What the first block sees of an image.
 * @param image [N, 3, S, S], ImageNet-normalised RGB; S a multiple of 32.
 * @param position `positionEmbedding` for S/4.
 * @returns [N, S/4, S/4, 96]
 * @throws IMAGE_SIZE_UNSUPPORTED
 */
export function patchTokens(image: Value, position: Value, parameters: ParameterSource): Value {
  const [, , height, width] = image.shape
  if (height !== width || height! % SIZE_MULTIPLE !== 0) {
    throw new ScreeningError('IMAGE_SIZE_UNSUPPORTED', { size: [width!, height!], multiple: SIZE_MULTIPLE })
  }
  const patches = conv2d(image, parameters('patch_embed.proj.weight'), {
    bias: parameters('patch_embed.proj.bias'),
    stride: 4,
    padding: 3,
  })
  return add(transpose(patches, [0, 2, 3, 1]), position)
}

/**
 * @param x `patchTokens`.
 * @returns each block's output; those that end a stage are [N, S/4, S/4, 96] (block 0),
 *   [N, S/8, S/8, 192] (2), [N, S/16, S/16, 384] (9) and [N, S/32, S/32, 768] (11).
 */
export function runBlocks(x: Value, parameters: ParameterSource): Value[] {
  let seen = x
  return BLOCKS.map((block, i) => {
    seen = applyBlock(seen, block, scoped(parameters, `blocks.${i}`))
    return seen
  })
}

/**
 * The position embedding for a square of `size` patches: a 7x7 grid interpolated bicubically plus an 8x8 tile.
 * @returns [size * size * 96], row-major over [size, size, 96].
 */
export function positionEmbedding(weights: Weights, size: number): Float32Array {
  const grid = weights.get('image_encoder.trunk.pos_embed')
  const window = weights.get('image_encoder.trunk.pos_embed_window')
  if (!grid || !window) throw new ScreeningError('WEIGHTS_INCOMPLETE', { tensor: 'image_encoder.trunk.pos_embed' })
  const [, channels, gridSize] = grid.shape as [number, number, number]
  const windowSize = window.shape[2]!
  const matrix = bicubicMatrix(gridSize, size)
  const embedding = new Float32Array(size * size * channels)
  const half = new Float64Array(size * gridSize)
  for (let c = 0; c < channels; c++) {
    const plane = grid.data.subarray(c * gridSize * gridSize)
    for (let i = 0; i < size; i++) {
      for (let q = 0; q < gridSize; q++) {
        let sum = 0
        for (let p = 0; p < gridSize; p++) sum += matrix[i * gridSize + p]! * plane[p * gridSize + q]!
        half[i * gridSize + q] = sum
      }
    }
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = window.data[(c * windowSize + (i % windowSize)) * windowSize + (j % windowSize)]!
        for (let q = 0; q < gridSize; q++) sum += half[i * gridSize + q]! * matrix[j * gridSize + q]!
        embedding[(i * size + j) * channels + c] = sum
      }
    }
  }
  return embedding
}

function applyBlock(x: Value, block: Block, parameters: ParameterSource): Value {
  const normed = norm(x, parameters, 'norm1', NORM_EPSILON)
  const shortcut = block.widens ? maxPool2x2(dense(normed, parameters, 'proj')) : x
  const attended = add(shortcut, windowedAttention(normed, block, scoped(parameters, 'attn')))
  const hidden = gelu(dense(norm(attended, parameters, 'norm2', NORM_EPSILON), parameters, 'mlp.layers.0'))
  return add(attended, dense(hidden, parameters, 'mlp.layers.1'))
}

/** Attention within windows (padded with zeros where they do not divide the image), pooled queries where it widens. */
function windowedAttention(x: Value, block: Block, parameters: ParameterSource): Value {
  const [, height, width] = x.shape as [number, number, number, number]
  const stride = block.widens ? 2 : 1
  if (block.window === 0) return selfAttention(x, block, parameters)
  const padded = padTo(x, block.window)
  const windows = selfAttention(partition(padded, block.window), block, parameters)
  const [, paddedHeight, paddedWidth] = padded.shape as [number, number, number, number]
  const joined = join(windows, paddedHeight / stride, paddedWidth / stride)
  return crop(joined, height / stride, width / stride)
}

/** x [N, h, w, C] -> [N, h, w, channels], or [N, h/2, w/2, channels] where the block widens. */
function selfAttention(x: Value, { channels, heads, widens }: Block, parameters: ParameterSource): Value {
  const [n, h, w] = x.shape as [number, number, number, number]
  const [q, k, v] = split(dense(x, parameters, 'qkv'), 3, [channels, channels, channels]) as [Value, Value, Value]
  const queries = widens ? maxPool2x2(q) : q
  const [, qh, qw] = queries.shape as [number, number, number, number]
  const mixed = attention(
    reshape(queries, [n, qh * qw, channels]),
    reshape(k, [n, h * w, channels]),
    reshape(v, [n, h * w, channels]),
    heads,
  )
  return dense(reshape(mixed, [n, qh, qw, channels]), parameters, 'proj')
}

function padTo(x: Value, window: number): Value {
  const missing = (extent: number) => (window - (extent % window)) % window
  return pad(pad(x, 1, 0, missing(x.shape[1]!)), 2, 0, missing(x.shape[2]!))
}

function crop(x: Value, height: number, width: number): Value {
  const rows = x.shape[1] === height ? x : slice(x, 1, 0, height)
  return rows.shape[2] === width ? rows : slice(rows, 2, 0, width)
}

/** [N, H, W, C] -> [N * windows, window, window, C] */
function partition(x: Value, window: number): Value {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  const cut = reshape(x, [n, h / window, window, w / window, window, c])
  return reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [(n * h * w) / window ** 2, window, window, c])
}

/** The inverse of `partition`, to an image of the given height and width. */
function join(windows: Value, height: number, width: number): Value {
  const [count, window, , c] = windows.shape as [number, number, number, number]
  const n = (count * window ** 2) / (height * width)
  const tiles = reshape(windows, [n, height / window, width / window, window, window, c])
  return reshape(transpose(tiles, [0, 1, 3, 2, 4, 5]), [n, height, width, c])
}
