import proto, { type onnx } from 'onnx-proto'
import { ScreeningError } from '#core/errors.ts'
import { separatePositionEmbedding } from './position-embedding.ts'
import type { NamedTensor } from './safetensors.ts'

/** Largest error that rebuilding the expanded position embedding may have; measured: 2e-7, float32's own rounding. */
const POSITION_RESIDUAL_LIMIT = 1e-5

type Tensors = Map<string, NamedTensor>

/** A number tensor of an ONNX file, with the first node that reads it. */
interface Initializer {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
  readonly reader: onnx.INodeProto | undefined
}

/**
 * Turns the two ONNX files that carry SAM 2 hiera-tiny into its parameters under the reference implementation's names
 * and in PyTorch's layout (Linear weights [out, in]).
 * @param encoder plain ONNX bytes of the image encoder; @param decoder of the prompt encoder and mask decoder.
 * @throws WEIGHTS_CORRUPT when the files are not these, or the position embedding is not what it must be.
 */
export function convertOnnx(encoder: Uint8Array, decoder: Uint8Array): Tensors {
  const tensors: Tensors = new Map()
  for (const initializer of initializers(encoder)) convertEncoder(initializer, tensors)
  for (const initializer of initializers(decoder)) convertDecoder(initializer, tensors)
  return tensors
}

/**
 * All tensors of the encoder keep their names behind `model.`, except three kinds: Linear weights, transposed and named
 * by the exporter; the no-memory embedding; the position embedding, expanded to 256x256.
 */
function convertEncoder(initializer: Initializer, tensors: Tensors): void {
  const { name, shape, reader } = initializer
  if (name.startsWith('model.')) tensors.set(name.slice('model.'.length), untouched(initializer))
  else if (name === 'no_mem_embed') tensors.set(name, { ...untouched(initializer), shape: [1, 1, 256] })
  else if (reader?.opType === 'MatMul' && shape.length === 2) tensors.set(layerName(reader), transposed(initializer))
  else if (shape.length === 4 && shape[1] === 96 && shape[2] === 256) convertPositionEmbedding(initializer, tensors)
}

function convertPositionEmbedding({ data }: Initializer, tensors: Tensors): void {
  const layout = { channels: 96, size: 256, gridSize: 7, windowSize: 8 }
  const { grid, window, residual } = separatePositionEmbedding(data, layout)
  if (!(residual < POSITION_RESIDUAL_LIMIT)) {
    throw new ScreeningError('WEIGHTS_CORRUPT', { problem: 'position embedding is not grid plus window', residual })
  }
  tensors.set('image_encoder.trunk.pos_embed', { shape: [1, 96, 7, 7], data: grid })
  tensors.set('image_encoder.trunk.pos_embed_window', { shape: [1, 96, 8, 8], data: window })
}

/** Names of the decoder's modules as the reference has them. */
function decoderName(name: string): string {
  return name.startsWith('mask_downscaling') || name.startsWith('prompt_encoder')
    ? `sam_prompt_encoder.${name.replace(/^prompt_encoder\./, '')}`
    : `sam_mask_decoder.${name.replace(/^mask_decoder\./, '')}`
}

/**
 * The decoder's exporter folded constants: Linear weights of the transformer are transposed, the scales and shifts of
 * the channel norms reshaped to [C,1,1], the six output tokens concatenated. What reads a tensor tells which it is.
 */
function convertDecoder(initializer: Initializer, tensors: Tensors): void {
  const { name, shape, data, reader } = initializer
  if (/^(mask_decoder|prompt_encoder)\./.test(name)) {
    tensors.set(decoderName(name), untouched(initializer))
  } else if (reader?.opType === 'MatMul' && shape.length === 2) {
    tensors.set(decoderName(layerName(reader)), transposed(initializer))
  } else if (shape.length === 3 && shape[1] === 1 && shape[2] === 1 && reader?.name) {
    const parameter = reader.opType === 'Mul' ? 'weight' : 'bias'
    tensors.set(decoderName(`${modulePath(reader.name)}.${parameter}`), { shape: shape.slice(0, 1), data })
  } else if (name === 'onnx::Mul_1992') {
    tensors.set('sam_prompt_encoder.no_mask_embed.weight', { shape: [1, 256], data })
  } else if (name === 'onnx::Expand_1994') {
    const tokens = { obj_score_token: [0, 1], iou_token: [1, 2], mask_tokens: [2, 6] } as const
    for (const [token, [begin, end]] of Object.entries(tokens)) {
      const rows = data.slice(begin * 256, end * 256)
      tensors.set(`sam_mask_decoder.${token}.weight`, { shape: [end - begin, 256], data: rows })
    }
  }
}

/** `/image_encoder/trunk/blocks.0/attn/qkv/MatMul` -> `image_encoder.trunk.blocks.0.attn.qkv.weight`. */
function layerName(node: onnx.INodeProto): string {
  return `${modulePath(node.name ?? '')}.weight`
}

/**
 * `/transformer/layers.0/norm1/Mul` -> `transformer.layers.0.norm1`. A module list repeats its name
 * (`/mask_downscaling/mask_downscaling.1/Mul`), which the reference does not.
 */
function modulePath(nodeName: string): string {
  const parts = nodeName.split('/').slice(1, -1)
  return parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`)).join('.')
}

function untouched({ shape, data }: Initializer): NamedTensor {
  return { shape, data }
}

function transposed({ shape, data }: Initializer): NamedTensor {
  const [rows = 0, columns = 0] = shape
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j] as number
  }
  return { shape: [columns, rows], data: out }
}

/** The float32 tensors of an ONNX file. */
function initializers(model: Uint8Array): Initializer[] {
  const { graph } = decode(model)
  const readers = new Map<string, onnx.INodeProto>()
  for (const node of graph?.node ?? []) {
    for (const input of node.input ?? []) if (!readers.has(input)) readers.set(input, node)
  }
  return (graph?.initializer ?? [])
    .filter(({ dataType }) => dataType === proto.onnx.TensorProto.DataType.FLOAT)
    .map((tensor) => {
      const name = tensor.name ?? ''
      return { name, shape: (tensor.dims ?? []).map(Number), data: floats(tensor), reader: readers.get(name) }
    })
}

function decode(model: Uint8Array): onnx.ModelProto {
  try {
    return proto.onnx.ModelProto.decode(model)
  } catch (cause) {
    throw new ScreeningError('WEIGHTS_CORRUPT', { problem: 'not an ONNX file' }, { cause })
  }
}

function floats({ rawData, floatData }: onnx.ITensorProto): Float32Array {
  if (!rawData || rawData.length === 0) return Float32Array.from(floatData ?? [])
  return new Float32Array(Uint8Array.from(rawData).buffer)
}
