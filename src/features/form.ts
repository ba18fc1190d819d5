import { convexHull, type Point } from '#core/geometry.ts'
import type { PixelSides } from '#core/units.ts'
import { areaOf, lengthOf } from './outline.ts'
import type { Bounds, Shape } from './shape.ts'

/**
 * Minor over major axis: 1 for a disc, towards 0 for a line (more elongated is less). Unitless, 0..1.
 * Source: IBSI reference manual, elongation, Q3CK, in two dimensions.
 */
export function elongation({ majorAxis, minorAxis }: Pick<Shape, 'majorAxis' | 'minorAxis'>): number {
  return minorAxis / majorAxis
}

/** Eccentricity of the ellipse with the same second moments: 0 for a disc, towards 1 for a line. Unitless, 0..1. */
export function eccentricity({ majorAxis, minorAxis }: Pick<Shape, 'majorAxis' | 'minorAxis'>): number {
  return Math.sqrt(1 - (minorAxis / majorAxis) ** 2)
}

/**
 * Depth over width of the bounds, for ultrasound, whose rows run along the skin: above 1 is taller than wide. Unitless,
 * above 0. bounds: on the pixel grid; side: width and height of a pixel. Source: Stavros et al., Radiology 196(1), 1995,
 * doi:10.1148/radiology.196.1.7784555; as a ratio Chen et al., Radiology 226(2), 2003, doi:10.1148/radiol.2262011843.
 */
export function depthToWidthRatio({ left, top, right, bottom }: Bounds, side: PixelSides): number {
  return ((bottom - top + 1) * side.y) / ((right - left + 1) * side.x)
}

/**
 * Area within the outline over the area of its convex hull: 1 for a convex outline, less with every notch. Unitless,
 * 0..1. Both areas are of polygons, so that the pixel grid weighs on both alike; holes count as filled.
 * Source: ISO 9276-6, solidity; IBSI reference manual, volume density (convex hull), R3ER, in two dimensions.
 */
export function solidity(outline: readonly Point[]): number {
  return areaOf(outline).area / areaOf(convexHull(outline)).area
}

/**
 * Perimeter of the convex hull over the perimeter: 1 for a convex outline, less the more it winds. Unitless, 0..1.
 * perimeter: of the region, in the unit of the outline; it is estimated to about 1.5% and is taken as the hull's where
 * the estimate is less, because no outline is shorter than its hull. Source: ISO 9276-6, convexity.
 */
export function convexity(outline: readonly Point[], perimeter: number): number {
  const hull = lengthOf(convexHull(outline))
  return hull / Math.max(hull, perimeter)
}
