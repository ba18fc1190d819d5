import type { Size } from '#core/image.ts'

/**
 * Lets labelled regions grow into their surroundings, all at one pace, one pixel a step in eight directions: every
 * pixel that can be reached through passable ones gets the label of the region that reaches it first.
 *
 * @param labels H×W; positive ones grow, 0 is nobody's, negative ones are walls. Changed in place.
 * @param isPassable asked of a pixel that is nobody's.
 */
export function spread(
  labels: Int32Array,
  { width, height }: Size,
  isPassable: (x: number, y: number) => boolean,
): void {
  const queue = new Int32Array(labels.length)
  let [head, tail] = [0, 0]
  for (let i = 0; i < labels.length; i++) if (labels[i]! > 0) queue[tail++] = i
  while (head < tail) {
    const pixel = queue[head++]!
    const row = Math.floor(pixel / width)
    const column = pixel - row * width
    for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, height - 1); y++) {
      for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, width - 1); x++) {
        const at = y * width + x
        if (labels[at] !== 0 || !isPassable(x, y)) continue
        labels[at] = labels[pixel]!
        queue[tail++] = at
      }
    }
  }
}
