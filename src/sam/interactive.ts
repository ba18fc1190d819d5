/** SAM 2 with a doctor at the screen: the image is encoded once, and every click or box is answered at once. */
import type { Point } from '#core/geometry.ts'
import type { GreyImage, Size } from '#core/image.ts'
import { Graph } from '#engine/graph.ts'
import { toOnnx } from '#engine/onnx.ts'
import type { SessionOptions } from '#engine/protocol.ts'
import { openSession, type Session } from '#engine/session.ts'
import type { Tensors } from '#engine/tensor.ts'
import { type Frame, toStandard } from '#imaging/frame.ts'
import { imageEncoder } from './image-encoder.ts'
import type { Model } from './model.ts'
import { normalise } from './normalise.ts'
import { parameterSource } from './parameters.ts'
import { inputSize } from './predict.ts'
import { POINT_LABELS, PROMPT_FRAME } from './prompt-encoder.ts'
import { promptedDecoder } from './prompted.ts'

/** What a doctor points at, in pixels of the original image. */
export interface Hint {
  readonly clicks: readonly (Point & { readonly onLesion: boolean })[]
  /** Edges of the lesion: its first column and row, and the first beyond it. */
  readonly box?: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
  /** `maskLogits` of the mask that is corrected. */
  readonly previous?: Float32Array
}

/** What the encoder saw in one image. */
export interface SeenImage {
  readonly features: Tensors
  readonly frame: Frame
}

export interface PromptedAnswer {
  /** Logit of each mask cell, row by row. */
  readonly maskLogits: Float32Array
  readonly maskSize: Size
  /** The model's own estimate of its mask's IoU, 0..1. */
  readonly iou: number
}

export interface InteractivePredictor extends AsyncDisposable {
  /** @param standardised by the preprocessing of the image's modality. @throws SHAPE_MISMATCH, ENGINE_FAILED */
  look(standardised: { readonly image: GreyImage; readonly frame: Frame }): Promise<SeenImage>
  answer(seen: SeenImage, hint: Hint): Promise<PromptedAnswer>
}

/** Points that every prompt has, padded where the doctor gave fewer: as many as in training. */
const LEAST_POINTS = 3

/** @throws as `openPredictor` */
export async function openInteractivePredictor(
  model: Model,
  options: SessionOptions = {},
): Promise<InteractivePredictor> {
  const size = inputSize(model)
  const encoder = await openSession(encoderGraph(model, size), options)
  const decoders = new Map<number, Promise<Session>>()
  const decoderOf = (points: number) => {
    const opened = decoders.get(points) ?? openSession(decoderGraph(model, size, points), options)
    decoders.set(points, opened)
    return opened
  }
  return {
    look: async ({ image, frame }) => {
      const features = await encoder.run({ image: { data: normalise(image), shape: [1, 3, size, size] } })
      return { features, frame }
    },
    answer: async ({ features, frame }, hint) => {
      const points = promptPoints(hint, frame)
      const decoder = await decoderOf(points.length)
      const { maskLogits, iou } = await decoder.run({ ...features, ...promptTensors(points, hint.previous, size) })
      return {
        maskLogits: maskLogits!.data as Float32Array,
        maskSize: { width: size / 4, height: size / 4 },
        iou: Number(iou!.data[0]),
      }
    },
    [Symbol.asyncDispose]: async () => {
      await encoder.close()
      for (const decoder of decoders.values()) await (await decoder).close()
    },
  }
}

interface PromptPoint extends Point {
  readonly label: number
}

/** Box corners, then clicks, then padding; in the 1024 frame. */
function promptPoints({ box, clicks }: Hint, frame: Frame): PromptPoint[] {
  const { background, foreground, boxStart, boxEnd, none } = POINT_LABELS
  const placed = ({ x, y }: Point, label: number) => ({ ...toPromptFrame({ x, y }, frame), label })
  // A corner is an edge, half a pixel before the centre of the pixel that begins there.
  const corner = (x: number, y: number, label: number) => {
    const { x: cx, y: cy } = toPromptFrame({ x: x - 0.5, y: y - 0.5 }, frame)
    return { x: cx + 0.5, y: cy + 0.5, label }
  }
  const points = [
    ...(box ? [corner(box.left, box.top, boxStart), corner(box.right, box.bottom, boxEnd)] : []),
    ...clicks.map((click) => placed(click, click.onLesion ? foreground : background)),
  ]
  while (points.length < LEAST_POINTS) points.push({ x: 0, y: 0, label: none })
  return points
}

function toPromptFrame(point: Point, frame: Frame): Point {
  const { x, y } = toStandard(frame, point)
  const scale = PROMPT_FRAME / frame.standard.width
  return { x: (x + 0.5) * scale - 0.5, y: (y + 0.5) * scale - 0.5 }
}

function promptTensors(points: readonly PromptPoint[], previous: Float32Array | undefined, size: number): Tensors {
  const side = size / 4
  return {
    points: { data: Float32Array.from(points.flatMap(({ x, y }) => [x, y])), shape: [1, points.length, 2] },
    labels: { data: Float32Array.from(points, ({ label }) => label), shape: [1, points.length] },
    previous: { data: previous ?? new Float32Array(side * side), shape: [1, 1, side, side] },
    hasPrevious: { data: Float32Array.of(previous ? 1 : 0), shape: [1, 1, 1, 1] },
  }
}

function encoderGraph({ weights }: Model, size: number): Uint8Array {
  const graph = new Graph()
  const image = graph.input('image', [1, 3, size, size])
  return toOnnx({ ...imageEncoder(image, weights, parameterSource(graph, weights)) })
}

function decoderGraph({ weights }: Model, size: number, points: number): Uint8Array {
  const graph = new Graph()
  const features = {
    embedding: graph.input('embedding', [1, size / 16, size / 16, 256]),
    highRes1: graph.input('highRes1', [1, size / 8, size / 8, 64]),
    highRes0: graph.input('highRes0', [1, size / 4, size / 4, 32]),
  }
  const prompt = {
    points: graph.input('points', [1, points, 2]),
    labels: graph.input('labels', [1, points]),
    previous: graph.input('previous', [1, 1, size / 4, size / 4]),
    hasPrevious: graph.input('hasPrevious', [1, 1, 1, 1]),
  }
  return toOnnx({ ...promptedDecoder(features, prompt, parameterSource(graph, weights)) })
}
