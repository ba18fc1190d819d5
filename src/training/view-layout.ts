/// <reference lib="esnext.float16" />
/** One view's features and target as one run of float16 numbers, in the order of these shapes (channels last). */

/** Side of the mask that the decoder gives for an image of `size` pixels. */
export const maskSide = (size: number) => size / 4

/** Shapes of what the frozen part of the model gives for one image of `size` pixels; see `FrozenFeatures`. */
export function featureShapes(size: number) {
  return {
    stage4: [size / 32, size / 32, 768],
    stage3: [size / 16, size / 16, 384],
    highRes1: [size / 8, size / 8, 64],
    highRes0: [size / 4, size / 4, 32],
  } as const satisfies Record<string, readonly number[]>
}

/** The features' shapes, and the soft target's. */
export function viewShapes(size: number) {
  return { ...featureShapes(size), target: [maskSide(size), maskSide(size)] } as const
}

export type ViewPart = keyof ReturnType<typeof viewShapes>

/** Numbers in one view. */
export function viewLength(size: number): number {
  return Object.values(viewShapes(size)).reduce((sum, shape) => sum + count(shape), 0)
}

/** Lays the parts of a view behind each other. */
export function packView(parts: Readonly<Record<ViewPart, Float32Array>>, size: number): Float16Array {
  const packed = new Float16Array(viewLength(size))
  let at = 0
  for (const [name, shape] of Object.entries(viewShapes(size))) {
    packed.set(parts[name as ViewPart], at)
    at += count(shape)
  }
  return packed
}

/** Stacks packed views into one float32 tensor per part, [views, ...shape]. */
export function stackViews(
  views: readonly Float16Array[],
  size: number,
): Record<ViewPart, { data: Float32Array; shape: readonly number[] }> {
  let at = 0
  const stacked = Object.entries(viewShapes(size)).map(([name, shape]) => {
    const length = count(shape)
    const data = new Float32Array(length * views.length)
    for (const [i, view] of views.entries()) data.set(view.subarray(at, at + length), i * length)
    at += length
    return [name, { data, shape: [views.length, ...shape] }]
  })
  return Object.fromEntries(stacked)
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1)
}
