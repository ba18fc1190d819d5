/** SAM 2's mask decoder: a two-way transformer between tokens and image, then one small network per mask. */
import type { Value } from '#engine/graph.ts'
import { gelu, sigmoid } from '#engine/operators/activation.ts'
import { add, expand, reshape, transpose, transposeLast } from '#engine/operators/arithmetic.ts'
import { linear, matmul } from '#engine/operators/products.ts'
import { concat, slice } from '#engine/operators/shape.ts'
import type { ImageFeatures } from './image-encoder.ts'
import { attention, dense, norm, perceptron } from './layers.ts'
import { type ParameterSource, scoped } from './parameters.ts'
import { gridEmbedding } from './prompt-encoder.ts'

const CHANNELS = 256
const HEADS = 8
/** Masks per image: one for a clear prompt, then three for an ambiguous one. */
const MASKS = 4
const NORM_EPSILON = 1e-5
const UPSCALE_NORM_EPSILON = 1e-6

export interface DecodedMasks {
  /** [N, 4, S/4, S/4]; mask 0 is the single answer, 1..3 the alternatives. */
  readonly maskLogits: Value
  /** Predicted IoU of each mask, [N, 4], 0..1. */
  readonly iou: Value
  /** What the object-score token has gathered, [N, 256]. */
  readonly objectToken: Value
}

/**
 * @param features of the image, channels last.
 * @param sparse prompt tokens, [N, P, 256].
 * @param densePrompt added to the image embedding, [N or 1, S/16 or 1, S/16 or 1, 256].
 */
export function maskDecoder(
  features: ImageFeatures,
  sparse: Value,
  densePrompt: Value,
  parameters: ParameterSource,
): DecodedMasks {
  const decoder = scoped(parameters, 'sam_mask_decoder')
  const [n, size] = features.embedding.shape as [number, number, number, number]
  const learned = concat(
    [decoder('obj_score_token.weight'), decoder('iou_token.weight'), decoder('mask_tokens.weight')],
    0,
  )
  const output = expand(reshape(learned, [1, 2 + MASKS, CHANNELS]), [n, 2 + MASKS, CHANNELS])
  const image = reshape(add(features.embedding, densePrompt), [n, size * size, CHANNELS])
  const places = gridEmbedding(image.graph, size, parameters)
  const { tokens, pixels } = twoWayTransformer(
    concat([output, sparse], 1),
    image,
    places,
    scoped(decoder, 'transformer'),
  )

  const token = (i: number) => reshape(slice(tokens, 1, i, i + 1), [n, CHANNELS])
  const upscaled = upscale(reshape(pixels, [n, size, size, CHANNELS]), features, decoder)
  const kernels = Array.from({ length: MASKS }, (_, i) => {
    return reshape(perceptron(token(2 + i), decoder, `output_hypernetworks_mlps.${i}`, 3), [n, 1, CHANNELS / 8])
  })
  const masks = matmul(concat(kernels, 1), transposeLast(upscaled))
  return {
    maskLogits: reshape(masks, [n, MASKS, 4 * size, 4 * size]),
    iou: sigmoid(perceptron(token(1), decoder, 'iou_prediction_head', 3)),
    objectToken: token(0),
  }
}

interface Stream {
  readonly tokens: Value
  readonly pixels: Value
}

/**
 * @param prompt [N, T, 256], also the tokens' own places.
 * @param image [N, P, 256]
 * @param places [1, P, 256]
 */
function twoWayTransformer(prompt: Value, image: Value, places: Value, parameters: ParameterSource): Stream {
  let stream: Stream = { tokens: prompt, pixels: image }
  for (const i of [0, 1]) stream = twoWayBlock(stream, prompt, places, scoped(parameters, `layers.${i}`), i === 0)
  const { tokens, pixels } = stream
  const final = crossAttention(
    add(tokens, prompt),
    add(pixels, places),
    pixels,
    scoped(parameters, 'final_attn_token_to_image'),
  )
  return { tokens: norm(add(tokens, final), parameters, 'norm_final_attn', NORM_EPSILON), pixels }
}

function twoWayBlock(
  { tokens, pixels }: Stream,
  prompt: Value,
  places: Value,
  parameters: ParameterSource,
  first: boolean,
): Stream {
  const self = scoped(parameters, 'self_attn')
  const placed = first ? tokens : add(tokens, prompt)
  const mixed = crossAttention(placed, placed, tokens, self)
  let t = norm(first ? mixed : add(tokens, mixed), parameters, 'norm1', NORM_EPSILON)

  const located = add(pixels, places)
  const read = crossAttention(add(t, prompt), located, pixels, scoped(parameters, 'cross_attn_token_to_image'))
  t = norm(add(t, read), parameters, 'norm2', NORM_EPSILON)

  t = norm(add(t, perceptron(t, parameters, 'mlp', 2)), parameters, 'norm3', NORM_EPSILON)

  const written = crossAttention(located, add(t, prompt), t, scoped(parameters, 'cross_attn_image_to_token'))
  return { tokens: t, pixels: norm(add(pixels, written), parameters, 'norm4', NORM_EPSILON) }
}

function crossAttention(q: Value, k: Value, v: Value, parameters: ParameterSource): Value {
  const mixed = attention(
    dense(q, parameters, 'q_proj'),
    dense(k, parameters, 'k_proj'),
    dense(v, parameters, 'v_proj'),
    HEADS,
  )
  return dense(mixed, parameters, 'out_proj')
}

/** Image tokens at a quarter of the mask's size, enlarged twice by two: [N, s, s, 256] -> [N, 16 s s, 32]. */
function upscale(pixels: Value, { highRes0, highRes1 }: ImageFeatures, decoder: ParameterSource): Value {
  const layer = scoped(decoder, 'output_upscaling')
  const half = add(doubleSize(pixels, layer, '0'), highRes1)
  const middle = gelu(norm(half, layer, '1', UPSCALE_NORM_EPSILON))
  const full = gelu(add(doubleSize(middle, layer, '3'), highRes0))
  const [n, h, w, c] = full.shape as [number, number, number, number]
  return reshape(full, [n, h * w, c])
}

/**
 * A transposed convolution with a 2x2 kernel and stride 2, channels last: each pixel becomes its own 2x2 block, so
 * it is one matrix product and a change of layout. [N, h, w, C] -> [N, 2h, 2w, O]
 */
function doubleSize(x: Value, parameters: ParameterSource, name: string): Value {
  const [n, h, w, c] = x.shape as [number, number, number, number]
  const weight = parameters(`${name}.weight`)
  const o = weight.shape[1]!
  const rows = reshape(transpose(weight, [2, 3, 1, 0]), [4 * o, c])
  const blocks = reshape(linear(x, rows), [n, h, w, 2, 2, o])
  const image = reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [n, 2 * h, 2 * w, o])
  return add(image, parameters(`${name}.bias`))
}
