import type { Point } from '#core/geometry.ts'

/**
 * A staircase along pixel edges (corners only) with its corners cut by half a pixel: the line a reader expects to see,
 * never farther than 0.36 pixels from the mask's own border. Straight runs keep their ends only.
 */
export function smoothOutline(corners: readonly Point[]): Point[] {
  return corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % corners.length] ?? corner
    const length = Math.hypot(next.x - corner.x, next.y - corner.y)
    if (length <= 1) return [{ x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 }]
    const [dx, dy] = [(next.x - corner.x) / length / 2, (next.y - corner.y) / length / 2]
    return [
      { x: corner.x + dx, y: corner.y + dy },
      { x: next.x - dx, y: next.y - dy },
    ]
  })
}
