import { lengthOf } from '#core/closed-line.ts'
import { convexHull, type Point } from '#core/geometry.ts'
import type { PixelSides } from '#core/units.ts'
import { areaOf } from './outline.ts'
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
  return Math.min(areaOf(outline).area / areaOf(convexHull(outline)).area, 1)
}

/**
 * Perimeter of the convex hull over that of the outline: 1 for a convex outline, less the more it winds. Unitless, 0..1;
 * holes count as filled. outline: smooth as smoothOutline gives it: the pixel grid makes every outline wind.
 * Source: ISO 9276-6, convexity.
 */
export function convexity(outline: readonly Point[]): number {
  return Math.min(lengthOf(convexHull(outline)) / lengthOf(outline), 1)
}
