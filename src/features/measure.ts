import { type Absent, absent, isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import { type DistanceKind, FEATURE_NAMES, FEATURES, type FeatureName, type FeatureValue } from '#core/features.ts'
import type { Point } from '#core/geometry.ts'
import type { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import type { Modality } from '#core/modality.ts'
import { PIXEL_GRID, type PixelSides, type PixelSpacing } from '#core/units.ts'
import { contrastToNoiseRatio, generalisedCnr, haloContrast, meanAt } from './contrast.ts'
import { cropped } from './crop.ts'
import { greyOf, tissueOf } from './drawn-over.ts'
import { edgeAbruptness } from './edge-abruptness.ts'
import { ellipseOverlap } from './ellipse-overlap.ts'
import { convexity, depthToWidthRatio, eccentricity, elongation, solidity } from './form.ts'
import { boxCountingDimension } from './fractal-dimension.ts'
import { lobulationCount } from './lobulation.ts'
import { type Location, locate, type Place } from './location.ts'
import { marginSharpness } from './margin.ts'
import { outlineOf, smoothOutline } from './outline.ts'
import { posteriorAcousticRatio } from './posterior.ts'
import { normalisedRadialLength, type RadialLength } from './radial-length.ts'
import { ringAround, ringWidth } from './ring.ts'
import { boundsOf, distanceToRegion, type Shape, shapeOf } from './shape.ts'
import { type Texture, textureOf } from './texture.ts'

/** One marked region and all that is known of its image. Masks and image have one size. */
export interface Lesion {
  /** Grey 0..1 of the file's range, before standardisation. */
  readonly image: GreyImage
  /** The region itself. */
  readonly region: Mask
  /** Every marked region of the image, this one among them. */
  readonly marked: Mask
  /** Visible tissue, where it could be told from the background; without the pectoral muscle where that was found. */
  readonly tissue?: Mask | undefined
  /** The same with the pectoral muscle, whose straight side is the chest wall; where left out, `tissue` is. */
  readonly exposed?: Mask | undefined
  /** Two points of the pectoral muscle's edge on an MLO view, where it was found. */
  readonly muscleEdgePx?: readonly [Point, Point] | undefined
  /** Calipers and letters drawn over the picture: forms are as outlined, but no grey is read there. */
  readonly burnedIn?: Mask | undefined
  readonly spacing?: PixelSpacing | undefined
  /** What the image is of: some features mean something on some images only. */
  readonly modality?: Modality | undefined
  /** The nipple as a person gave it, or why that cannot be used. */
  readonly nipplePx?: Point | Absent | undefined
  /** Degrees Celsius from grey 0 to grey 1, where the pixels are temperatures. */
  readonly celsiusPerGrey?: number | Absent | undefined
  /** Mean grey of the region less that of its mirrored place, or why there is none. */
  readonly contralateralDifference?: number | Absent | undefined
  /** Side, view and orientation, and what was entered by hand. */
  readonly place?: Place | undefined
}

/** Below this many pixels a form is the grid's rather than the lesion's. */
const SMALLEST_FORM_PX = 20
/** The axes must differ by this much before their direction means anything. */
const LEAST_ELONGATION = 1.05
/** Less of the ring than this share left after background is taken out: no comparison. */
const LEAST_RING_SHARE = 0.25

/**
 * Every declared feature of one region, or the reason why it is absent.
 * @throws MASK_EMPTY, MASK_SIZE_MISMATCH
 */
export function measure(lesion: Lesion): Record<FeatureName, FeatureValue> {
  return measureSome(lesion, FEATURE_NAMES) as Record<FeatureName, FeatureValue>
}

/** As {@link measure}, of the named features alone. */
export function measureSome(lesion: Lesion, names: readonly FeatureName[]): Partial<Record<FeatureName, FeatureValue>> {
  checkSizes(lesion)
  const side = sideOf(lesion)
  const visible = { ...lesion, tissue: tissueOf(lesion) }
  const subject = prepare(
    cropped(visible, side, (area) => ringWidth(Math.sqrt((4 * area) / Math.PI), side)),
    posteriorOf(visible),
    once(() => locate(lesion)),
  )
  return Object.fromEntries(names.map((name) => [name, withUnit(name, MEASURES[name](subject), lesion)]))
}

/** What several features share, worked out once. */
interface Subject {
  readonly lesion: Lesion
  /** The region without what is drawn over it: IBSI's intensity mask beside the morphological one. */
  readonly grey: Mask | Absent
  readonly px: Shape
  readonly mm: Shape | Absent
  readonly outlines: Outlines | Absent
  /** Worked out when it is first asked for: it takes a third of the time. */
  readonly texture: () => Texture | Absent
  readonly surroundings: Surroundings | Absent
  readonly posterior: number | Absent
  /** Contrasts are measured without it. */
  readonly location: () => Location
}

/** What the outline says, raw and smoothed. */
interface Outlines {
  readonly outline: readonly Point[]
  readonly smooth: readonly Point[]
  readonly radialLength: RadialLength
  readonly lobulationCount: number
}

interface Surroundings {
  readonly inside: Float32Array
  readonly outside: Float32Array
  readonly meanInside: number
  readonly meanOutside: number
  /** Mean grey of the inner and of the outer half of the ring; undefined where nothing of one is visible. */
  readonly halves: { readonly inner: number; readonly outer: number } | undefined
}

const MEASURES = {
  enteredNippleDistanceMm: ({ lesion: { place, modality } }) =>
    place?.nippleDistanceMm ?? absent(modality === 'US' ? 'distance-not-entered' : 'not-for-this-modality'),
  nippleDistanceShare: (s) => shareOfWidth(s),
  depthFraction: (s) => s.location().depth,
  lateralOffsetMm: (s) => of(s.location().lateralOffset, ({ mm }) => mm),
  superiorOffsetMm: (s) => of(s.location().superiorOffset, ({ mm }) => mm),
  chestWallDistanceMm: (s) => of(s.location().chestWall, ({ mm }) => mm),
  chestWallDistancePx: (s) => of(s.location().chestWall, ({ px }) => px),
  skinDistanceMm: (s) => of(s.location().skin, ({ mm }) => mm),
  skinDistancePx: (s) => of(s.location().skin, ({ px }) => px),
  nippleDistanceMm: (s) => calibrated(s, (side) => nippleDistance(s, side)),
  nippleDistancePx: (s) => nippleDistance(s, PIXEL_GRID),
  nippleEdgeDistanceMm: (s) => calibrated(s, (side) => nippleEdgeDistance(s, side)),
  nippleEdgeDistancePx: (s) => nippleEdgeDistance(s, PIXEL_GRID),
  areaMm2: (s) => of(s.mm, (shape) => shape.area),
  areaPx: (s) => s.px.area,
  maximumDiameterMm: (s) => of(s.mm, (shape) => shape.maximumDiameter),
  maximumDiameterPx: (s) => s.px.maximumDiameter,
  majorAxisMm: (s) => of(s.mm, (shape) => shape.majorAxis),
  majorAxisPx: (s) => s.px.majorAxis,
  minorAxisMm: (s) => of(s.mm, (shape) => shape.minorAxis),
  minorAxisPx: (s) => s.px.minorAxis,
  equivalentDiameterMm: (s) => of(s.mm, (shape) => shape.equivalentDiameter),
  equivalentDiameterPx: (s) => s.px.equivalentDiameter,
  perimeterMm: (s) => of(s.mm, (shape) => shape.perimeter),
  perimeterPx: (s) => s.px.perimeter,
  circularity: (s) => form(s, ({ area, perimeter }) => (4 * Math.PI * area) / (perimeter * perimeter)),
  orientationDeg: (s) =>
    form(s, ({ majorAxis, minorAxis, orientationDeg }) =>
      majorAxis < LEAST_ELONGATION * minorAxis ? absent('no-direction') : orientationDeg,
    ),
  depthToWidthRatio: (s) =>
    s.lesion.modality === 'US'
      ? form(s, () => depthToWidthRatio(boundsOf(s.lesion.region), sideOf(s.lesion)))
      : absent('not-for-this-modality'),
  elongation: (s) => form(s, elongation),
  eccentricity: (s) => form(s, eccentricity),
  solidity: (s) => of(s.outlines, ({ outline }) => solidity(outline)),
  ellipseOverlap: (s) => form(s, (shape) => ellipseOverlap(s.lesion.region, shape, sideOf(s.lesion))),
  convexity: (s) => of(s.outlines, ({ smooth }) => convexity(smooth)),
  radialLengthDeviation: (s) => of(s.outlines, ({ radialLength }) => radialLength.standardDeviation),
  boundaryRoughness: (s) => of(s.outlines, ({ radialLength }) => radialLength.boundaryRoughness),
  lobulationCount: (s) => of(s.outlines, ({ lobulationCount }) => lobulationCount),
  fractalDimension: (s) => of(s.outlines, ({ outline }) => boxCountingDimension(outline, sideOf(s.lesion))),
  greyLevelEntropy: (s) => of(s.texture(), ({ greyLevelEntropy }) => greyLevelEntropy),
  glcmContrast: (s) => of(s.texture(), ({ glcmContrast }) => glcmContrast),
  glcmCorrelation: (s) =>
    of(s.texture(), ({ glcmCorrelation, greyLevelEntropy }) =>
      greyLevelEntropy === 0 ? absent('no-variation') : glcmCorrelation,
    ),
  glcmJointEntropy: (s) => of(s.texture(), ({ glcmJointEntropy }) => glcmJointEntropy),
  glcmInverseDifference: (s) => of(s.texture(), ({ glcmInverseDifference }) => glcmInverseDifference),
  shortRunsEmphasis: (s) => of(s.texture(), ({ shortRunsEmphasis }) => shortRunsEmphasis),
  longRunsEmphasis: (s) => of(s.texture(), ({ longRunsEmphasis }) => longRunsEmphasis),
  ringDifference: (s) => of(s.surroundings, ({ meanInside, meanOutside }) => meanInside - meanOutside),
  ringRatio: (s) => of(s.surroundings, ({ meanInside, meanOutside }) => quotient(meanInside, meanOutside)),
  michelsonContrast: (s) =>
    of(s.surroundings, ({ meanInside, meanOutside }) => quotient(meanInside - meanOutside, meanInside + meanOutside)),
  gcnr: (s) => ofComparable(s, ({ inside, outside }) => generalisedCnr(inside, outside)),
  cnr: (s) =>
    ofComparable(s, ({ inside, outside }) => {
      const ratio = contrastToNoiseRatio(inside, outside)
      return Number.isFinite(ratio) ? ratio : absent('no-variation')
    }),
  marginSharpness: (s) => of(s.outlines, (outlines) => sharpnessOf(s, outlines)),
  edgeAbruptness: (s) => of(s.outlines, (outlines) => abruptnessOf(s, outlines)),
  posteriorAcousticRatio: (s) => form(s, () => s.posterior),
  halo: (s) => (s.lesion.modality === 'US' ? ofComparable(s, haloOf) : absent('not-for-this-modality')),
  temperatureDifference: (s) =>
    s.lesion.modality === 'TG'
      ? of(s.surroundings, ({ meanInside, meanOutside }) => inCelsius(s.lesion, meanInside - meanOutside))
      : absent('not-for-this-modality'),
  contralateralDifference: ({ lesion }) => lesion.contralateralDifference ?? absent('no-mirrored-view'),
} as const satisfies Record<FeatureName, (subject: Subject) => number | Absent>

function prepare(lesion: Lesion, posterior: number | Absent, location: () => Location): Subject {
  const px = shapeOf(lesion.region, PIXEL_GRID)
  const mm = lesion.spacing === undefined ? absent('no-pixel-spacing') : shapeOf(lesion.region, lesion.spacing)
  const tooSmall = px.area < SMALLEST_FORM_PX ? absent('region-too-small') : undefined
  const grey = greyOf(lesion)
  return {
    lesion,
    grey,
    px,
    mm,
    outlines: tooSmall ?? outlinesOf(lesion),
    texture: once(() => tooSmall ?? (isAbsent(grey) ? grey : textureOf(lesion.image, grey))),
    surroundings: isAbsent(grey) ? grey : surroundingsOf(lesion, grey, isAbsent(mm) ? px : mm),
    posterior,
    location,
  }
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined
  return () => {
    done ??= { value: work() }
    return done.value
  }
}

/** What lies below a lesion reaches farther than the tissue around it: the whole image is looked at. */
function posteriorOf({ image, region, modality, ...limits }: Lesion): number | Absent {
  if (modality !== 'US') return absent('not-for-this-modality')
  return posteriorAcousticRatio(image, region, limits)
}

function sharpnessOf({ lesion, grey, px, mm }: Subject, { outline }: Outlines): number | Absent {
  if (isAbsent(grey)) return grey
  const side = sideOf(lesion)
  const { equivalentDiameter } = isAbsent(mm) ? px : mm
  return marginSharpness({ ...lesion, region: grey }, outline, Math.max(equivalentDiameter / 20, side.x, side.y), side)
}

function abruptnessOf({ lesion, grey, px, mm }: Subject, { smooth }: Outlines): number | Absent {
  if (isAbsent(grey)) return grey
  const { equivalentDiameter } = isAbsent(mm) ? px : mm
  return edgeAbruptness(lesion, smooth, equivalentDiameter, sideOf(lesion))
}

function outlinesOf(lesion: Lesion): Outlines {
  const outline = outlineOf(lesion.region, sideOf(lesion))
  const smooth = smoothOutline(outline, sideOf(lesion))
  return { outline, smooth, radialLength: normalisedRadialLength(smooth), lobulationCount: lobulationCount(smooth) }
}

function sideOf({ spacing }: Lesion): PixelSides {
  return spacing ?? PIXEL_GRID
}

function surroundingsOf(lesion: Lesion, grey: Mask, shape: Shape): Surroundings | Absent {
  const side = sideOf(lesion)
  const width = ringWidth(shape.equivalentDiameter, side)
  const ring = ringAround(lesion.region, width, side, lesion)
  // Steiner's formula: the ring of a convex region, were all of it visible
  const whole = (shape.perimeter * width + Math.PI * width * width) / (side.x * side.y)
  if (ring.length < LEAST_RING_SHARE * whole) return absent('surroundings-not-visible')
  const region: number[] = []
  for (let i = 0; i < grey.data.length; i++) if (grey.data[i] !== 0) region.push(i)
  return {
    inside: Float32Array.from(region, (index) => lesion.image.data[index]!),
    outside: Float32Array.from(ring, (index) => lesion.image.data[index]!),
    meanInside: meanAt(lesion.image.data, region),
    meanOutside: meanAt(lesion.image.data, ring),
    halves: halvesOf(lesion, ring, width),
  }
}

function halvesOf(lesion: Lesion, ring: readonly number[], width: number): Surroundings['halves'] {
  const side = sideOf(lesion)
  const inner = ringAround(lesion.region, Math.max(width / 2, side.x, side.y), side, lesion)
  const isInner = new Uint8Array(lesion.region.data.length)
  for (const index of inner) isInner[index] = 1
  const outer = ring.filter((index) => isInner[index] === 0)
  if (inner.length === 0 || outer.length === 0) return undefined
  return { inner: meanAt(lesion.image.data, inner), outer: meanAt(lesion.image.data, outer) }
}

function haloOf({ meanInside, halves }: Surroundings): number | Absent {
  return halves === undefined
    ? absent('surroundings-not-visible')
    : haloContrast(meanInside, halves.inner, halves.outer)
}

function inCelsius({ celsiusPerGrey }: Lesion, grey: number): number | Absent {
  if (celsiusPerGrey === undefined) return absent('no-temperature-scale')
  return isAbsent(celsiusPerGrey) ? celsiusPerGrey : celsiusPerGrey * grey
}

function nippleDistance({ lesion, px }: Subject, side: PixelSides): number | Absent {
  const nipple = nippleOf(lesion)
  if (isAbsent(nipple)) return nipple
  const { x, y } = nipple
  return Math.hypot((px.centroidPx.x - x) * side.x, (px.centroidPx.y - y) * side.y)
}

function nippleEdgeDistance({ lesion }: Subject, side: PixelSides): number | Absent {
  const nipple = nippleOf(lesion)
  return isAbsent(nipple) ? nipple : distanceToRegion(lesion.region, nipple, side)
}

function nippleOf({ nipplePx }: Lesion): Point | Absent {
  return nipplePx ?? absent('nipple-not-given')
}

/** A camera sees no millimetres: the breast's own width is the measure. */
function shareOfWidth(s: Subject): number | Absent {
  const { modality, place } = s.lesion
  if (modality !== 'TG') return absent('not-for-this-modality')
  if (place?.breastWidthPx === undefined) return absent('breast-width-not-given')
  const distance = nippleDistance(s, PIXEL_GRID)
  return isAbsent(distance) ? distance : distance / place.breastWidthPx
}

function calibrated({ lesion }: Subject, measured: (side: PixelSides) => number | Absent): number | Absent {
  if (lesion.modality === 'TG') return absent('not-for-this-modality')
  const nipple = nippleOf(lesion)
  if (isAbsent(nipple)) return nipple
  return lesion.spacing === undefined ? absent('no-pixel-spacing') : measured(lesion.spacing)
}

/** A form is free of scale, so the pixel grid will do where no spacing is given; it is then marked uncalibrated. */
function form({ px, mm }: Subject, measured: (shape: Shape) => number | Absent): number | Absent {
  if (px.area < SMALLEST_FORM_PX) return absent('region-too-small')
  return measured(isAbsent(mm) ? px : mm)
}

function of<T extends object>(value: T | Absent, measured: (value: T) => number | Absent): number | Absent {
  return isAbsent(value) ? value : measured(value)
}

/** Distributions of grey: a few pixels have none. */
function ofComparable(s: Subject, measured: (values: Surroundings) => number | Absent): number | Absent {
  return s.px.area < SMALLEST_FORM_PX ? absent('region-too-small') : of(s.surroundings, measured)
}

/** A ratio to blackness says nothing. */
function quotient(above: number, below: number): number | Absent {
  return below > 0 ? above / below : absent('surroundings-not-visible')
}

/** Every distance says how it was had: a projection is shorter than the way through the breast or along the skin. */
function distanceKind(name: FeatureName, { modality }: Lesion): DistanceKind | undefined {
  if (name === 'enteredNippleDistanceMm') return 'along-skin'
  if (name === 'nippleDistanceShare') return 'breast-width'
  const { group, unit } = FEATURES[name]
  if (group !== 'location' || unit === '1') return undefined
  return modality === 'MG' ? 'projected' : 'image-plane'
}

function withUnit(name: FeatureName, value: number | Absent, lesion: Lesion): FeatureValue {
  if (isAbsent(value)) return value
  const { unit } = FEATURES[name]
  const distance = distanceKind(name, lesion)
  const onGrid = unit === 'px' || unit === 'px2'
  const formOnGrid = lesion.spacing === undefined && FEATURES[name].group === 'spatial'
  return {
    value,
    unit,
    ...(onGrid || formOnGrid ? { uncalibrated: true as const } : {}),
    ...(distance === undefined ? {} : { distance }),
  }
}

function checkSizes({ image, region, marked, tissue, exposed, burnedIn }: Lesion): void {
  for (const mask of [region, marked, tissue, exposed, burnedIn]) {
    if (mask === undefined) continue
    if (mask.width !== image.width || mask.height !== image.height) {
      throw new ScreeningError('MASK_SIZE_MISMATCH', {
        mask: [mask.width, mask.height],
        image: [image.width, image.height],
      })
    }
  }
}
