import { z } from 'zod'
import type { Point } from './geometry.ts'

/** Millimetres between pixel centres: outside of these bounds a unit was mistaken for another. */
export const SPACING_BOUNDS_MM = { least: 1e-4, most: 10 } as const

export function isLikelySpacing(mm: number): boolean {
  return mm >= SPACING_BOUNDS_MM.least && mm <= SPACING_BOUNDS_MM.most
}

const PointPx = z.strictObject({ x: z.number(), y: z.number() })

/** Two points on a depth scale that a person clicked, and the distance that the scale states between them. */
export const DepthScale = z
  .strictObject({ from: PointPx, to: PointPx, mm: z.number().positive() })
  .refine((scale) => spacingOfScale(scale) !== undefined, 'the points coincide, or no likely spacing comes of them')
export type DepthScale = z.infer<typeof DepthScale>

/**
 * Millimetres between pixel centres, the same along rows and columns: a scale along one axis says so of a picture whose
 * pixels are square. Undefined where the points are less than a pixel apart or the spacing is out of bounds.
 */
export function spacingOfScale({ from, to, mm }: { from: Point; to: Point; mm: number }): number | undefined {
  const lengthPx = Math.hypot(to.x - from.x, to.y - from.y)
  if (!(lengthPx >= 1)) return undefined
  const spacing = mm / lengthPx
  return isLikelySpacing(spacing) ? spacing : undefined
}
