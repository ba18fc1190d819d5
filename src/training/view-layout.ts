/// <reference lib="esnext.float16" />
/** One view's features and target as one run of float16 numbers, in the order of these shapes (channels last). */

import { ScreeningError } from '#core/errors.ts'
import { type Shape, sizeOf } from '#engine/graph.ts'
import type { FrozenFeatures } from '#sam/image-encoder.ts'
import { TRUNK_BLOCKS } from '#sam/trunk.ts'

/** Side of the mask that the decoder gives for an image of `size` pixels. */
export const maskSide = (size: number) => size / 4

/** What decides the layout of a view. */
export interface ViewLayout {
  /** Side of the standardised image, pixels. */
  readonly size: number
  /** First block of the trunk that trains, 0..12; 12 trains none. */
  readonly trunkFrom: number
}

/** What a view holds: the frozen trunk's features, or the standardised image where the trunk trains. */
export type FeatureName = keyof FrozenFeatures | 'image'
export type ViewPart = FeatureName | 'target'
type Shapes = Readonly<Partial<Record<ViewPart, Shape>>>

/** Whether the trunk trains: then a view is an image, made anew every time. */
export function fromPixels({ trunkFrom }: Pick<ViewLayout, 'trunkFrom'>): boolean {
  return trunkFrom < TRUNK_BLOCKS
}

/** Shapes of what one image's view holds besides the target; see `FrozenFeatures`. */
export function featureShapes({ size, trunkFrom }: ViewLayout): Shapes {
  if (fromPixels({ trunkFrom })) return { image: [size, size] }
  return {
    stage4: [size / 32, size / 32, 768],
    stage3: [size / 16, size / 16, 384],
    highRes1: [size / 8, size / 8, 64],
    highRes0: [size / 4, size / 4, 32],
  }
}

/** The features' shapes, and the soft target's. */
export function viewShapes(layout: ViewLayout): Shapes {
  return { ...featureShapes(layout), target: [maskSide(layout.size), maskSide(layout.size)] }
}

/** Numbers in one view. */
export function viewLength(layout: ViewLayout): number {
  return Object.values(viewShapes(layout)).reduce((sum, shape) => sum + sizeOf(shape), 0)
}

/** Lays the parts of a view behind each other. */
export function packView(parts: Readonly<Partial<Record<ViewPart, Float32Array>>>, layout: ViewLayout): Float16Array {
  const packed = new Float16Array(viewLength(layout))
  let at = 0
  for (const [name, shape] of Object.entries(viewShapes(layout))) {
    const part = parts[name as ViewPart]
    if (part?.length !== sizeOf(shape)) throw new ScreeningError('SHAPE_MISMATCH', { part: name, shape })
    packed.set(part, at)
    at += part.length
  }
  return packed
}

/** Stacks packed views into one float32 tensor per part, [views, ...shape]. */
export function stackViews(
  views: readonly Float16Array[],
  layout: ViewLayout,
): Partial<Record<ViewPart, { data: Float32Array; shape: Shape }>> {
  let at = 0
  const stacked = Object.entries(viewShapes(layout)).map(([name, shape]) => {
    const length = sizeOf(shape)
    const data = new Float32Array(length * views.length)
    for (const [i, view] of views.entries()) data.set(view.subarray(at, at + length), i * length)
    at += length
    return [name, { data, shape: [views.length, ...shape] }]
  })
  return Object.fromEntries(stacked)
}
