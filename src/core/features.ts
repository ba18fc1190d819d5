import { z } from 'zod'
import { Absent } from './absent.ts'
import {
  type Code,
  DISTANCE_FROM_CHEST_WALL,
  DISTANCE_FROM_NIPPLE,
  DISTANCE_FROM_SKIN,
  ECHOGENIC_HALO,
} from './codes.ts'
import { Unit } from './units.ts'
import type { Words } from './words.ts'

/** The four groups that a record keeps for each side. */
export const FeatureGroup = z.enum(['location', 'spatial', 'temporal', 'contrast'])
export type FeatureGroup = z.infer<typeof FeatureGroup>

export const FEATURE_GROUP_WORDS = {
  location: { zh: '位置', en: 'Location' },
  spatial: { zh: '大小与形态', en: 'Size and shape' },
  temporal: { zh: '时间变化', en: 'Over time' },
  contrast: { zh: '对比', en: 'Contrast' },
} as const satisfies Record<FeatureGroup, Words>

interface FeatureDeclaration {
  readonly group: FeatureGroup
  readonly unit: Unit
  readonly label: Words
  /** How it is measured, precisely enough to measure it again. */
  readonly method: string
  /** Where the definition comes from. */
  readonly source: string
  readonly code?: Code
  /** The feature that says the same in millimetres: where that one is there, this one need not be printed. */
  readonly calibratedAs?: string
  /** Digits after the point when printed. */
  readonly digits: number
  /** Stands in the record and in `zaoshai measure`, not on the report's page: it helps a model more than a reader. */
  readonly recordOnly?: true
}

const NIPPLE = 'BI-RADS 5th edition, location: distance from the nipple; DICOM PS3.16 CID 6165'
const BACK = 'BI-RADS 5th edition, location and depth; DICOM PS3.16 CID 6165'
const OFFSET =
  'along the chest wall, as read on the view, from the nipple to the centroid of the region. Needs the orientation of the picture'
const CHEST_WALL =
  'From the hindmost pixel of the region straight back to the straight edge of the exposed breast, on mammograms: the chest wall itself lies there or behind it'
const SKIN =
  'From the pixel of the region that lies nearest to it. On mammograms to the border of the exposed breast other than its straight side, absent where the picture cuts the breast off nearer by; on ultrasound straight up to the straight upper edge of what was scanned, where the transducer lay on the skin, absent where that is the edge of the picture, which may be cut off, and where a curved transducer was used'
const MOMENTS =
  'Second central moments of the pixel squares (each pixel adds 1/12 of its squared side); full axis = 4 sqrt(eigenvalue), exact for an ellipse'
const CROFTON =
  'Cauchy-Crofton over sixteen lattice directions with Voronoi angle weights, true also for pixels that are not square'
const RING =
  'against the ring of tissue around it, as wide as a quarter of its equivalent diameter (at least two pixels), other marked regions, background and, on MLO views where its edge was found, the pectoral muscle left out'
const OUTLINE = 'outline at level one half by marching squares, midpoints of its sides'
const SMOOTHED = `${OUTLINE}, smoothed along itself by a Gaussian of one pixel`
const KILDAY = 'Kilday, Palmieri and Fox, IEEE Trans. Med. Imaging 12(4), 1993'
const LEVELS = 'Grey of the region in 32 bins of one width (IBSI fixed bin number), before standardisation'
const NEIGHBOURS = `${LEVELS}; co-occurrence of neighbours at distance 1, mean of the four directions (IBSI 2D, averaged)`
const RUNS = `${LEVELS}; runs along the four directions, their features averaged (IBSI 2D, averaged)`
const GREY = 'Grey 0..1 of the range of the file, before standardisation'

/** Every feature, declared once: schema, report, page and completeness test come from here. */
export const FEATURES = {
  nippleDistanceMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '乳头至中心距离', en: 'Nipple to centre' },
    method: 'From the nipple to the centroid of the region, in the image plane',
    source: NIPPLE,
    code: DISTANCE_FROM_NIPPLE,
    digits: 1,
  },
  nippleDistancePx: {
    group: 'location',
    unit: 'px',
    label: { zh: '乳头至中心距离', en: 'Nipple to centre' },
    method: 'As nippleDistanceMm, on the pixel grid',
    source: NIPPLE,
    calibratedAs: 'nippleDistanceMm',
    digits: 0,
  },
  nippleEdgeDistanceMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '乳头至边缘距离', en: 'Nipple to nearest edge' },
    method: 'From the nipple to the nearest pixel centre of the region; 0 where the nipple lies in it',
    source: NIPPLE,
    code: DISTANCE_FROM_NIPPLE,
    digits: 1,
  },
  nippleEdgeDistancePx: {
    group: 'location',
    unit: 'px',
    label: { zh: '乳头至边缘距离', en: 'Nipple to nearest edge' },
    method: 'As nippleEdgeDistanceMm, on the pixel grid',
    source: NIPPLE,
    calibratedAs: 'nippleEdgeDistanceMm',
    digits: 0,
  },
  enteredNippleDistanceMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '录入的距乳头距离', en: 'Distance from nipple, entered' },
    method: 'As the examiner entered it beside a handheld image, along the skin; not measured on the image',
    source: NIPPLE,
    code: DISTANCE_FROM_NIPPLE,
    digits: 0,
  },
  nippleDistanceShare: {
    group: 'location',
    unit: '1',
    label: { zh: '乳头至中心距离与乳房宽度之比', en: 'Nipple to centre, share of breast width' },
    method: 'nippleDistancePx over the given width of the breast, on thermograms, which have no millimetres',
    source: 'BI-RADS has no thermography; relative distance',
    digits: 2,
  },
  depthFraction: {
    group: 'location',
    unit: '1',
    label: { zh: '乳头至胸壁的深度比', en: 'Depth, nipple to chest wall' },
    method:
      'At which share of the posterior nipple line the centroid of the region lies, 0 at the nipple and before it, 1 at the end; on mammograms. On MLO views where the edge of the pectoral muscle was found the line runs from the nipple square to that edge, or to the straight edge of the exposed breast where it meets it first; elsewhere straight back to that edge; not on subtracted MLO images, on which no muscle is looked for',
    source: BACK,
    digits: 2,
  },
  lateralOffsetMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '相对乳头的外侧偏移', en: 'Lateral of the nipple' },
    method: `On CC views, lateral positive: ${OFFSET}`,
    source: BACK,
    digits: 1,
    recordOnly: true,
  },
  superiorOffsetMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '相对乳头的上方偏移', en: 'Superior of the nipple' },
    method: `On MLO, ML and LM views, superior positive: ${OFFSET}`,
    source: BACK,
    digits: 1,
    recordOnly: true,
  },
  chestWallDistanceMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '距胸壁侧边缘', en: 'To the edge at the chest wall' },
    method: CHEST_WALL,
    source: BACK,
    code: DISTANCE_FROM_CHEST_WALL,
    digits: 1,
  },
  chestWallDistancePx: {
    group: 'location',
    unit: 'px',
    label: { zh: '距胸壁侧边缘', en: 'To the edge at the chest wall' },
    method: CHEST_WALL,
    source: BACK,
    calibratedAs: 'chestWallDistanceMm',
    digits: 0,
  },
  skinDistanceMm: {
    group: 'location',
    unit: 'mm',
    label: { zh: '距皮肤最近距离', en: 'To the skin' },
    method: SKIN,
    source: BACK,
    code: DISTANCE_FROM_SKIN,
    digits: 1,
  },
  skinDistancePx: {
    group: 'location',
    unit: 'px',
    label: { zh: '距皮肤最近距离', en: 'To the skin' },
    method: SKIN,
    source: BACK,
    calibratedAs: 'skinDistanceMm',
    digits: 0,
  },
  areaMm2: {
    group: 'spatial',
    unit: 'mm2',
    label: { zh: '面积', en: 'Area' },
    method: 'Pixels times the area of a pixel',
    source: 'IBSI 1, pixel counting',
    digits: 1,
  },
  areaPx: {
    group: 'spatial',
    unit: 'px2',
    label: { zh: '面积', en: 'Area' },
    method: 'Number of pixels',
    source: 'IBSI 1, pixel counting',
    calibratedAs: 'areaMm2',
    digits: 0,
  },
  maximumDiameterMm: {
    group: 'spatial',
    unit: 'mm',
    label: { zh: '最大径', en: 'Maximum diameter' },
    method:
      'Feret diameter: largest distance between two points of the outline (marching squares at one half, midpoints of its sides)',
    source: 'Feret 1931; IBSI 1, maximum diameter',
    digits: 1,
  },
  maximumDiameterPx: {
    group: 'spatial',
    unit: 'px',
    label: { zh: '最大径', en: 'Maximum diameter' },
    method: 'As maximumDiameterMm, on the pixel grid',
    source: 'Feret 1931; IBSI 1, maximum diameter',
    calibratedAs: 'maximumDiameterMm',
    digits: 0,
  },
  majorAxisMm: {
    group: 'spatial',
    unit: 'mm',
    label: { zh: '长轴', en: 'Major axis' },
    method: MOMENTS,
    source: 'IBSI 1, major axis length, in two dimensions',
    digits: 1,
  },
  majorAxisPx: {
    group: 'spatial',
    unit: 'px',
    label: { zh: '长轴', en: 'Major axis' },
    method: MOMENTS,
    source: 'IBSI 1, major axis length, in two dimensions',
    calibratedAs: 'majorAxisMm',
    digits: 0,
  },
  minorAxisMm: {
    group: 'spatial',
    unit: 'mm',
    label: { zh: '短轴', en: 'Minor axis' },
    method: MOMENTS,
    source: 'IBSI 1, minor axis length, in two dimensions',
    digits: 1,
  },
  minorAxisPx: {
    group: 'spatial',
    unit: 'px',
    label: { zh: '短轴', en: 'Minor axis' },
    method: MOMENTS,
    source: 'IBSI 1, minor axis length, in two dimensions',
    calibratedAs: 'minorAxisMm',
    digits: 0,
  },
  equivalentDiameterMm: {
    group: 'spatial',
    unit: 'mm',
    label: { zh: '等效直径', en: 'Equivalent diameter' },
    method: 'Diameter of the circle of the same area',
    source: 'ISO 9276-6, area-equivalent diameter',
    digits: 1,
  },
  equivalentDiameterPx: {
    group: 'spatial',
    unit: 'px',
    label: { zh: '等效直径', en: 'Equivalent diameter' },
    method: 'As equivalentDiameterMm, on the pixel grid',
    source: 'ISO 9276-6, area-equivalent diameter',
    calibratedAs: 'equivalentDiameterMm',
    digits: 0,
  },
  perimeterMm: {
    group: 'spatial',
    unit: 'mm',
    label: { zh: '周长', en: 'Perimeter' },
    method: CROFTON,
    source: 'Lehmann and Legland, Insight Journal 2012, hdl:10380/3342',
    digits: 1,
  },
  perimeterPx: {
    group: 'spatial',
    unit: 'px',
    label: { zh: '周长', en: 'Perimeter' },
    method: CROFTON,
    source: 'Lehmann and Legland, Insight Journal 2012, hdl:10380/3342',
    calibratedAs: 'perimeterMm',
    digits: 0,
  },
  circularity: {
    group: 'spatial',
    unit: '1',
    label: { zh: '圆度', en: 'Circularity' },
    method:
      '4π area / perimeter²: 1 for a disc, less for anything else, holes counted; pixels taken as square where no spacing is given',
    source: 'Cox 1927; ISO 9276-6 (square of the form factor circularity)',
    digits: 2,
  },
  orientationDeg: {
    group: 'spatial',
    unit: 'deg',
    label: { zh: '长轴与水平线夹角', en: 'Major axis to horizontal' },
    method:
      'Angle of the major axis to the rows of the image, over -90..90, positive where its right end is higher; pixels taken as square where no spacing is given; absent where the axes differ by less than 5%',
    source: 'Second central moments; on ultrasound the rows run along the skin (BI-RADS 5th edition, orientation)',
    digits: 0,
  },
  depthToWidthRatio: {
    group: 'spatial',
    unit: '1',
    label: { zh: '纵横比', en: 'Depth to width' },
    method:
      'Height over width of the bounds, on ultrasound alone, whose rows run along the skin: above 1 is taller than wide',
    source: 'Stavros et al., Radiology 196(1), 1995; Chen et al., Radiology 226(2), 2003',
    digits: 2,
  },
  elongation: {
    group: 'spatial',
    unit: '1',
    label: { zh: '短长轴比', en: 'Minor to major axis' },
    method: 'Minor over major axis: 1 for a disc, towards 0 for a line',
    source: 'IBSI 1, elongation (Q3CK), in two dimensions',
    digits: 2,
    recordOnly: true,
  },
  eccentricity: {
    group: 'spatial',
    unit: '1',
    label: { zh: '离心率', en: 'Eccentricity' },
    method: 'Of the ellipse with the same second moments: 0 for a disc, towards 1 for a line',
    source: 'Second central moments',
    digits: 2,
    recordOnly: true,
  },
  solidity: {
    group: 'spatial',
    unit: '1',
    label: { zh: '实性度', en: 'Solidity' },
    method: `Area within the outline over that of its convex hull: 1 for a convex outline, less with every notch; ${OUTLINE}`,
    source: 'ISO 9276-6, solidity; IBSI 1, volume density (convex hull, R3ER), in two dimensions',
    digits: 2,
  },
  ellipseOverlap: {
    group: 'spatial',
    unit: '1',
    label: { zh: '与等矩椭圆的重合度', en: 'Overlap with its ellipse' },
    method:
      'Dice overlap of the region with the ellipse of its own second central moments: 1 for an ellipse, less with every arm, corner or notch; pixels taken as square where no spacing is given',
    source: 'Dice 1945; BI-RADS 5th edition, oval: elliptical or egg-shaped',
    digits: 2,
    recordOnly: true,
  },
  convexity: {
    group: 'spatial',
    unit: '1',
    label: { zh: '凸度', en: 'Convexity' },
    method: `Perimeter of the convex hull over that of the outline: 1 for a convex outline, holes filled; ${SMOOTHED}`,
    source: 'ISO 9276-6, convexity',
    digits: 2,
    recordOnly: true,
  },
  radialLengthDeviation: {
    group: 'spatial',
    unit: '1',
    label: { zh: '径向长度标准差', en: 'Deviation of radial length' },
    method: `Standard deviation of the distance from the centroid, divided by the longest; ${SMOOTHED}`,
    source: KILDAY,
    digits: 3,
    recordOnly: true,
  },
  boundaryRoughness: {
    group: 'spatial',
    unit: '1',
    label: { zh: '边界粗糙度', en: 'Boundary roughness' },
    method: `How far the distance from the centroid rises and falls along a sixteenth of the outline, on average, divided by the longest; ${SMOOTHED}`,
    source: KILDAY,
    digits: 3,
    recordOnly: true,
  },
  lobulationCount: {
    group: 'spatial',
    unit: '1',
    label: { zh: '分叶数', en: 'Lobes' },
    method: `Depressions below the convex hull that are at least a twentieth of the equivalent diameter deep; ${SMOOTHED}`,
    source: 'Chen et al., Radiology 226(2), 2003, substantial depressions; the depth is ours',
    digits: 0,
    recordOnly: true,
  },
  fractalDimension: {
    group: 'spatial',
    unit: '1',
    label: { zh: '分形维数', en: 'Fractal dimension' },
    method: `Box-counting dimension over boxes from three pixels to a quarter of the extent; ${OUTLINE}`,
    source: 'Mandelbrot 1982; Rangayyan and Nguyen, J. Digit. Imaging 20(3), 2007',
    digits: 2,
    recordOnly: true,
  },
  greyLevelEntropy: {
    group: 'spatial',
    unit: '1',
    label: { zh: '灰度熵', en: 'Entropy of grey levels' },
    method: `Shannon entropy in bits. ${LEVELS}`,
    source: 'IBSI 1, discretised intensity entropy (TLU2)',
    digits: 2,
    recordOnly: true,
  },
  glcmContrast: {
    group: 'spatial',
    unit: '1',
    label: { zh: '灰度共生矩阵对比度', en: 'GLCM contrast' },
    method: `Mean squared difference of neighbouring levels. ${NEIGHBOURS}`,
    source: 'IBSI 1, contrast (ACUI)',
    digits: 2,
    recordOnly: true,
  },
  glcmCorrelation: {
    group: 'spatial',
    unit: '1',
    label: { zh: '灰度共生矩阵相关性', en: 'GLCM correlation' },
    method: `Correlation of neighbouring levels, -1..1. ${NEIGHBOURS}`,
    source: 'IBSI 1, correlation (NI2N)',
    digits: 2,
    recordOnly: true,
  },
  glcmJointEntropy: {
    group: 'spatial',
    unit: '1',
    label: { zh: '灰度共生矩阵联合熵', en: 'GLCM joint entropy' },
    method: `Shannon entropy of pairs of neighbouring levels in bits. ${NEIGHBOURS}`,
    source: 'IBSI 1, joint entropy (TU9B)',
    digits: 2,
    recordOnly: true,
  },
  glcmInverseDifference: {
    group: 'spatial',
    unit: '1',
    label: { zh: '灰度共生矩阵逆差', en: 'GLCM inverse difference' },
    method: `Mean of 1 / (1 + difference) of neighbouring levels, 0..1. ${NEIGHBOURS}`,
    source: 'IBSI 1, inverse difference (IB1Z)',
    digits: 2,
    recordOnly: true,
  },
  shortRunsEmphasis: {
    group: 'spatial',
    unit: '1',
    label: { zh: '短行程因子', en: 'Short runs emphasis' },
    method: `Mean of 1 / length², 0..1. ${RUNS}`,
    source: 'IBSI 1, short runs emphasis (22OV)',
    digits: 3,
    recordOnly: true,
  },
  longRunsEmphasis: {
    group: 'spatial',
    unit: '1',
    label: { zh: '长行程因子', en: 'Long runs emphasis' },
    method: `Mean of length². ${RUNS}`,
    source: 'IBSI 1, long runs emphasis (W4KF)',
    digits: 2,
    recordOnly: true,
  },
  ringDifference: {
    group: 'contrast',
    unit: '1',
    label: { zh: '与周围组织灰度差', en: 'Grey difference' },
    method: `Mean grey of the region less mean grey ${RING}. ${GREY}`,
    source: 'Mean difference of region and ring',
    digits: 3,
  },
  ringRatio: {
    group: 'contrast',
    unit: '1',
    label: { zh: '与周围组织灰度比', en: 'Grey ratio' },
    method: `Mean grey of the region divided by mean grey, ${RING}. ${GREY}`,
    source: 'Mean ratio of region and ring',
    digits: 2,
  },
  michelsonContrast: {
    group: 'contrast',
    unit: '1',
    label: { zh: '迈克尔逊对比度', en: 'Michelson contrast' },
    method: `(region - ring) / (region + ring) of mean grey, -1..1, ${RING}. ${GREY}`,
    source: 'Michelson 1927, Studies in Optics',
    digits: 2,
  },
  gcnr: {
    group: 'contrast',
    unit: '1',
    label: { zh: '广义对比噪声比', en: 'Generalised CNR' },
    method: `1 - overlap of the grey histograms of region and ring, 0..1, in bins of equal shares of both (at least four; their number grows with the 2/5th power of the number of pixels), so that no strictly increasing change of grey alters it; few pixels still flatter it (0.11 at a radius of five pixels where region and ring are alike, 0.05 at twenty, more in coarse speckle); ${RING}. ${GREY}`,
    source: 'Rodriguez-Molares et al., IEEE TUFFC 67(4), 2020, doi:10.1109/TUFFC.2019.2956855; the bins are ours',
    digits: 2,
  },
  cnr: {
    group: 'contrast',
    unit: '1',
    label: { zh: '对比噪声比', en: 'CNR' },
    method: `|difference of the means| / sqrt(sum of the variances) of the grey of region and ring; compressing the dynamic range changes it, so that gcnr leads; ${RING}. ${GREY}`,
    source: 'Patterson and Foster, Ultrason. Imaging 5(3), 1983',
    digits: 2,
    recordOnly: true,
  },
  marginSharpness: {
    group: 'contrast',
    unit: '1',
    label: { zh: '边缘清晰度', en: 'Margin sharpness' },
    method: `Absolute mean, over the ${OUTLINE}, of the grey outside less the grey inside along the normal, each a twentieth of the equivalent diameter away (at least one pixel), where the one is tissue and the other region. ${GREY}`,
    source: 'After Shen et al., Ultrasound Med. Biol. 33(11), 2007, boundary of the mass',
    digits: 3,
  },
  edgeAbruptness: {
    group: 'contrast',
    unit: '1',
    label: { zh: '边缘陡峭度', en: 'Abruptness of the edge' },
    method: `Along 64 arcs of the ${SMOOTHED}, the steepest step between two neighbouring windows along the normal, each a twelfth of the equivalent diameter wide, at most an eighth of it beside the outline and from arc to arc by no more than a 48th; their mean over the range (5th to 95th percentile) of grey within a quarter of the diameter: 1 for a sharp edge without speckle, about 0.32 for one blurred by a Gaussian of a tenth of the diameter; from 24 pixels of diameter on. ${GREY}`,
    source: 'BI-RADS 5th edition, margin: abrupt transition; the measure is ours (ADR 23)',
    digits: 2,
    recordOnly: true,
  },
  posteriorAcousticRatio: {
    group: 'contrast',
    unit: '1',
    label: { zh: '后方回声比', en: 'Posterior acoustic ratio' },
    method: `Mean grey of a strip below the region (middle half of its width, as high as it) over that of strips beside it, row against row, on ultrasound alone: above 1 enhancement, below 1 shadowing. ${GREY}`,
    source: 'BI-RADS 5th edition, posterior features; after Shen et al., Ultrasound Med. Biol. 33(11), 2007',
    digits: 2,
  },
  halo: {
    group: 'contrast',
    unit: '1',
    label: { zh: '周围高回声晕', en: 'Echogenic halo' },
    method: `Mean grey of the inner half of the ring less the larger of the mean grey of the region and of the outer half, on ultrasound alone: above 0 a band that is brighter than both; ${RING}. ${GREY}`,
    source:
      'BI-RADS 4th edition, lesion boundary: echogenic halo; bands after Shen et al., Ultrasound Med. Biol. 33(11), 2007',
    code: ECHOGENIC_HALO,
    digits: 3,
  },
  temperatureDifference: {
    group: 'contrast',
    unit: 'Cel',
    label: { zh: '与周围组织温差', en: 'Temperature difference' },
    method: `Mean temperature of the region less that ${RING}, on thermograms whose pixels are temperatures by a scale that was given`,
    source: 'Mean difference of region and ring',
    digits: 2,
  },
  contralateralDifference: {
    group: 'contrast',
    unit: '1',
    label: { zh: '与对侧镜像部位灰度差', en: 'Grey difference to the mirrored place' },
    method: `Mean grey of the region less that of the same place of the other breast, mirrored, same view and energy; both breast regions are brought to one frame of 128×128 cells by their centroid and the standard deviations of their pixels, mean of the cells that lie in both. ${GREY}`,
    source: 'Bilateral subtraction after Yin et al., Med. Phys. 18(5), 1991; the registration is ours (ADR 21)',
    digits: 3,
  },
} as const satisfies Record<string, FeatureDeclaration>

export type FeatureName = keyof typeof FEATURES
export const FEATURE_NAMES = Object.keys(FEATURES) as readonly FeatureName[]

/** The declaration, with the optional fields typed. */
export function declarationOf(name: FeatureName): FeatureDeclaration {
  return FEATURES[name]
}

/** The features of a group, in the order of declaration. */
export function featuresOf(group: FeatureGroup): readonly FeatureName[] {
  return FEATURE_NAMES.filter((name) => FEATURES[name].group === group)
}

/** How a distance was had. */
export const DistanceKind = z.enum(['projected', 'image-plane', 'along-skin', 'breast-width'])
export type DistanceKind = z.infer<typeof DistanceKind>

export const DISTANCE_KIND_WORDS = {
  projected: { zh: '投影距离', en: 'projected' },
  'image-plane': { zh: '图像平面内', en: 'in the image plane' },
  'along-skin': { zh: '沿皮肤', en: 'along the skin' },
  'breast-width': { zh: '相对乳房宽度', en: 'of the breast width' },
} as const satisfies Record<DistanceKind, Words>

/**
 * A number with its unit. `uncalibrated` marks what stands on the pixel grid because no spacing was given or because
 * its unit is the pixel.
 */
export const Measured = z.strictObject({
  value: z.number(),
  unit: Unit,
  uncalibrated: z.literal(true).optional(),
  distance: DistanceKind.optional(),
})
export type Measured = z.infer<typeof Measured>

/** A measured value, or the reason why there is none. */
export const FeatureValue = z.union([Measured, Absent]).meta({ id: 'FeatureValue' })
export type FeatureValue = z.infer<typeof FeatureValue>

const REGISTERED =
  'Both breast regions are brought to one frame of 128×128 cells by their centroid and the standard deviations of their pixels, the right one mirrored; absent where less than 85% (Dice) of the two lie on each other'

/** Left against right, for one pair of images of the same view; left less right, so swapping the sides turns the sign. */
export const COMPARISONS = {
  markedCountDifference: {
    unit: '1',
    label: { zh: '标出区域数之差', en: 'Marked regions' },
    method: 'Number of marked regions on the left less that on the right',
    digits: 0,
  },
  markedFractionDifference: {
    unit: '%',
    label: { zh: '标出面积占比之差', en: 'Marked share of the breast' },
    method: 'Marked area as percentage of the visible breast, left less right: percentage points',
    digits: 1,
  },
  brightnessAsymmetry: {
    unit: '1',
    label: { zh: '组织亮度不对称', en: 'Asymmetry of tissue brightness' },
    method: '(left - right) / (left + right) of the mean grey of the visible breast, -1..1',
    digits: 2,
  },
  breastAreaAsymmetry: {
    unit: '1',
    label: { zh: '乳腺投影面积不对称', en: 'Asymmetry of breast area' },
    method: '(left - right) / (left + right) of the projected area of the visible breast in mm², -1..1',
    digits: 2,
  },
  intensityDifference: {
    unit: '1',
    label: { zh: '配准后灰度差', en: 'Grey, breasts registered' },
    method: `Mean over both breasts, laid on each other, of the grey of the left less that of the right. ${REGISTERED}`,
    digits: 3,
  },
  textureDifference: {
    unit: '1',
    label: { zh: '配准后纹理差（局部标准差）', en: 'Texture (local deviation), breasts registered' },
    method: `As intensityDifference, of the standard deviation of grey among the 5×5 cells around each cell: above 0 the left is coarser. ${REGISTERED}`,
    digits: 4,
  },
  temperatureDifference: {
    unit: 'Cel',
    label: { zh: '配准后温差', en: 'Temperature, breasts registered' },
    method: `As intensityDifference, of the temperature, on thermograms whose pixels are temperatures by a scale that was given. ${REGISTERED}`,
    digits: 2,
  },
} as const satisfies Record<string, { unit: Unit; label: Words; method: string; digits: number }>

export type ComparisonName = keyof typeof COMPARISONS
export const COMPARISON_NAMES = Object.keys(COMPARISONS) as readonly ComparisonName[]
