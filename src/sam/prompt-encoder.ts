import type { Graph, Value } from '#engine/graph.ts'
import { gelu } from '#engine/operators/activation.ts'
import { add, cast, cos, equal, expand, mul, reshape, sin, sub, transpose } from '#engine/operators/arithmetic.ts'
import { conv2d } from '#engine/operators/convolution.ts'
import { layerNormChannelsFirst } from '#engine/operators/normalisation.ts'
import { matmul } from '#engine/operators/products.ts'
import { concat } from '#engine/operators/shape.ts'
import { type ParameterSource, scoped } from './parameters.ts'

/** Side of the frame that point and box coordinates are given in, whatever the input size. */
export const PROMPT_FRAME = 1024

/** What a point means: padding, a click beside the lesion, a click on it, a box's upper left and lower right corner. */
export const POINT_LABELS = { none: -1, background: 0, foreground: 1, boxStart: 2, boxEnd: 3 } as const

/**
 * Embeds points and box corners.
 * @param points [N, P, 2], x and y in the 1024 frame.
 * @param labels [N, P], one of POINT_LABELS.
 * @returns [N, P + 1, 256]; the last token says "no further point", as the reference appends it.
 */
export function pointEmbedding(points: Value, labels: Value, parameters: ParameterSource): Value {
  const prompt = scoped(parameters, 'sam_prompt_encoder')
  const [n, p] = labels.shape as [number, number]
  const column = reshape(labels, [n, p, 1])
  const is = (label: number) => cast(equal(column, column.graph.scalar(label)), 'float32')
  const place = fourier(mul(add(points, 0.5), 1 / PROMPT_FRAME), prompt)
  const none = is(POINT_LABELS.none)
  const notAPoint = prompt('not_a_point_embed.weight')
  let embedding = add(mul(place, sub(1, none)), mul(notAPoint, none))
  for (const label of [0, 1, 2, 3]) {
    embedding = add(embedding, mul(prompt(`point_embeddings.${label}.weight`), is(label)))
  }
  return concat([embedding, expand(notAPoint, [n, 1, 256])], 1)
}

/**
 * Embeds a previous mask.
 * @param logits [N, 1, S/4, S/4]
 * @returns [N, S/16, S/16, 256]
 */
export function maskEmbedding(logits: Value, parameters: ParameterSource): Value {
  const layer = scoped(parameters, 'sam_prompt_encoder.mask_downscaling')
  const shrink = (x: Value, at: number) => {
    const y = conv2d(x, layer(`${at}.weight`), { bias: layer(`${at}.bias`), stride: 2 })
    return gelu(layerNormChannelsFirst(y, layer(`${at + 1}.weight`), layer(`${at + 1}.bias`), 1e-6))
  }
  const mixed = conv2d(shrink(shrink(logits, 0), 3), layer('6.weight'), { bias: layer('6.bias') })
  return transpose(mixed, [0, 2, 3, 1])
}

/** What stands for a mask where none is given, [1, 1, 1, 256]. */
export function noMaskEmbedding(parameters: ParameterSource): Value {
  return reshape(parameters('sam_prompt_encoder.no_mask_embed.weight'), [1, 1, 1, 256])
}

/** Where each cell of the image embedding is: [1, size * size, 256]. */
export function gridEmbedding(graph: Graph, size: number, parameters: ParameterSource): Value {
  const centres = new Float32Array(size * size * 2)
  for (let i = 0; i < size * size; i++) {
    centres[2 * i] = ((i % size) + 0.5) / size
    centres[2 * i + 1] = (Math.floor(i / size) + 0.5) / size
  }
  return fourier(graph.constant(centres, [1, size * size, 2]), scoped(parameters, 'sam_prompt_encoder'))
}

/** Random Fourier features (Tancik et al. 2020) of places x, y in 0..1: [..., 2] -> [..., 256]. */
function fourier(places: Value, prompt: ParameterSource): Value {
  const matrix = prompt('pe_layer.positional_encoding_gaussian_matrix')
  const phase = mul(matmul(sub(mul(places, 2), 1), matrix), 2 * Math.PI)
  return concat([sin(phase), cos(phase)], places.shape.length - 1)
}
