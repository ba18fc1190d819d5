import { z } from 'zod'
import { Biomarker } from './biomarkers.ts'
import { BreastEntries } from './breast-description.ts'
import { Intake } from './intake.ts'
import { Laterality, Modality, type Side } from './modality.ts'
import { facesViewer, PatientOrientation } from './orientation.ts'
import { DepthScale, SPACING_BOUNDS_MM, spacingOfScale } from './spacing.ts'
import { TemperatureScale } from './temperature.ts'

/** DICOM View Position (0018,5101) of mammography; `frontal`, `oblique`, `lateral` for thermal and optical images;
 * `unspecified` for handheld ultrasound, whose pictures have no standard view. */
export const View = z.enum([
  'CC',
  'MLO',
  'ML',
  'LM',
  'LMO',
  'FB',
  'SIO',
  'XCCL',
  'XCCM',
  'CV',
  'AT',
  'frontal',
  'oblique',
  'lateral',
  'unspecified',
])
export type View = z.infer<typeof View>

/** Which picture of a contrast mammography pair. */
export const Energy = z.enum(['low-energy', 'subtracted'])
export type Energy = z.infer<typeof Energy>

/** How a pixel spacing was had. */
export const SpacingSource = z.enum(['file', 'ultrasound-region', 'entered'])
export type SpacingSource = z.infer<typeof SpacingSource>

const { least, most } = SPACING_BOUNDS_MM
const Spacing = z.tuple([z.number().min(least).max(most), z.number().min(least).max(most)])
const PointPx = z.strictObject({ x: z.number(), y: z.number() })
const NipplesPx = z.strictObject({ R: PointPx.optional(), L: PointPx.optional() })
/** Letters, digits and `._-`: a name, a birthday or an identity number in words does not fit; an accession number does. */
export const StudyId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

const withSource = (image: { pixelSpacingMm?: unknown; pixelSpacingSource?: unknown }) =>
  (image.pixelSpacingMm === undefined) === (image.pixelSpacingSource === undefined)

/** One image as `study.json` names it. What is left out is looked for in the file name, never guessed. */
export const StudyFileImage = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe('Path relative to the folder of study.json; without it the picture is made from the sequence'),
    side: Laterality.optional().describe('B: one picture of both breasts, a frontal thermogram'),
    view: View.optional(),
    energy: Energy.optional(),
    modality: Modality.optional(),
    date: z.iso.date().optional(),
    pixelSpacingMm: Spacing.optional().describe('Millimetres between pixel centres along a row and along a column'),
    pixelSpacingSource: SpacingSource.optional(),
    depthScale: DepthScale.optional().describe(
      'Two points on the depth scale of a screenshot and the millimetres between them; in place of pixelSpacingMm',
    ),
    patientOrientation: PatientOrientation.optional().describe(
      'DICOM Patient Orientation (0020,0020): direction of the rows and of the columns, for example ["A", "FR"]',
    ),
    clock: z.int().min(1).max(12).optional().describe('Clock position of the lesion as the examiner entered it'),
    nippleDistanceMm: z
      .number()
      .min(0)
      .max(300)
      .optional()
      .describe('From the nipple to the lesion along the skin, as the examiner entered it'),
    breastWidthPx: z.number().positive().optional().describe('Width of the breast on a thermogram'),
    outline: z
      .string()
      .min(1)
      .optional()
      .describe('Mask that a doctor drew; measured in place of the one of the model'),
    sequence: z.string().min(1).optional().describe('A sequence.json: the frames of this view over time'),
    nipplePx: z
      .union([PointPx, NipplesPx])
      .optional()
      .describe('Nipple as a person marked it, of each side where side is B; pixel centres lie at integers, y down'),
    temperature: TemperatureScale.optional().describe('Of a thermogram whose samples are temperatures'),
    colourDoppler: z.boolean().optional().describe('Whether the colours of an ultrasound image are Doppler colours'),
  })
  .refine(({ file, sequence }) => file !== undefined || sequence !== undefined, 'give a file, a sequence, or both')
  .refine(
    ({ file, temperature }) => file !== undefined || temperature === undefined,
    'temperature is of the samples of a file: give that of a sequence in its sequence.json',
  )
  .refine(
    ({ side, nipplePx }) => nipplePx === undefined || 'x' in nipplePx === (side !== 'B'),
    'nipplePx of side B is of each side, { "R": { "x": 0, "y": 0 } }, and of R or L a point',
  )
  .refine(
    ({ side, clock, nippleDistanceMm }) => side !== 'B' || (clock ?? nippleDistanceMm) === undefined,
    'clock and nippleDistanceMm are of one side',
  )
  .refine(withSource, 'pixelSpacingMm and pixelSpacingSource belong together')
  .refine(
    ({ pixelSpacingMm, depthScale }) => pixelSpacingMm === undefined || depthScale === undefined,
    'pixelSpacingMm and depthScale exclude each other',
  )
export type StudyFileImage = z.infer<typeof StudyFileImage>

/** `study.json`: one woman, one screening date. */
export const StudyFile = z.strictObject({
  $schema: z.string().optional(),
  id: StudyId,
  date: z.iso.date().optional(),
  modality: Modality.optional().describe('Of every image that names none'),
  note: z.string().optional().describe('Origin and licence of published images; never about a person'),
  breasts: BreastEntries.optional().describe('What a doctor read of each breast'),
  biomarkers: z.array(Biomarker).optional().describe('Pathology and serum, as the laboratory gave them'),
  intake: Intake.optional().describe('What was asked of the woman; what is left out of it is unknown'),
  images: z.array(StudyFileImage),
})
export type StudyFile = z.infer<typeof StudyFile>

/** An image whose side is settled. */
export interface StudyImage {
  /** Last part of its path. */
  readonly file: string
  readonly side: Side
  /** The picture shows both breasts: of one file there is an image of either side. */
  readonly isBilateral?: boolean | undefined
  readonly view: View
  readonly modality: Modality
  readonly energy?: Energy | undefined
  readonly date?: string | undefined
  readonly spacing?: { readonly x: number; readonly y: number; readonly source: SpacingSource } | undefined
  readonly nipplePx?: { readonly x: number; readonly y: number } | undefined
  readonly temperature?: TemperatureScale | undefined
  readonly colourDoppler?: boolean | undefined
  readonly patientOrientation?: PatientOrientation | undefined
  readonly clock?: number | undefined
  readonly nippleDistanceMm?: number | undefined
  readonly breastWidthPx?: number | undefined
}

/** The spacing that study.json gives of an image, and where it comes from. */
export function spacingOfFile(image: StudyFileImage): StudyImage['spacing'] {
  const { pixelSpacingMm, pixelSpacingSource: source, depthScale } = image
  if (depthScale !== undefined) {
    const spacing = spacingOfScale(depthScale)
    return spacing === undefined ? undefined : { x: spacing, y: spacing, source: 'entered' }
  }
  if (pixelSpacingMm === undefined || source === undefined) return undefined
  return { x: pixelSpacingMm[0], y: pixelSpacingMm[1], source }
}

/** An image that belongs to no side until a person says so. */
export const SideProblem = z.enum(['side-unknown', 'laterality-conflict'])
export type SideProblem = z.infer<typeof SideProblem>

const GLUED_SIDE = /^(l|r|left|right)(cc|mlo|ml|lm|lmo|xccl|xccm)$/
const SIDES: Readonly<Record<string, Side>> = { l: 'L', lt: 'L', left: 'L', r: 'R', rt: 'R', right: 'R' }
const VIEWS: ReadonlyMap<string, View> = new Map(
  View.options.filter((view) => view !== 'unspecified').map((view) => [view.toLowerCase(), view]),
)
/** Capitals only: `cm` is a length and `re` a syllable. */
const ENERGY_ABBREVIATIONS: Readonly<Record<string, Energy>> = {
  DM: 'low-energy',
  LE: 'low-energy',
  CM: 'subtracted',
  RE: 'subtracted',
}
const ENERGY_WORDS: Readonly<Record<string, Energy>> = { subtracted: 'subtracted', recombined: 'subtracted' }

const SEPARATORS = /[^A-Za-z0-9]+/
const NUMBER = /^\d+$/

/** What a file name says of its image. `sides` holds every side it names: none, one, or a contradiction. */
export interface NamedFacts {
  readonly sides: readonly Side[]
  readonly view?: View | undefined
  readonly energy?: Energy | undefined
}

/**
 * Reads a file name by the convention of docs/study.md: words between anything that is no letter and no digit,
 * in any case but for the energy's abbreviations; a side may be glued to its view (`LCC`, `RMLO`); 左 and 右 count anywhere.
 */
export function factsOfName(file: string): NamedFacts {
  const stem = file.replace(/\.[^.]*$/, '')
  const sides = new Set<Side>()
  const views = new Set<View>()
  const energies = new Set<Energy>()
  if (stem.includes('左')) sides.add('L')
  if (stem.includes('右')) sides.add('R')
  const words = stem.split(SEPARATORS)
  for (const [i, written] of words.entries()) {
    const word = written.toLowerCase()
    const glued = GLUED_SIDE.exec(word)
    const side = SIDES[glued?.[1] ?? word]
    const view = VIEWS.get(glued?.[2] ?? word)
    const isLength = NUMBER.test(words[i - 1] ?? '')
    const energy = ENERGY_WORDS[word] ?? (isLength ? undefined : ENERGY_ABBREVIATIONS[written])
    if (side !== undefined) sides.add(side)
    if (view !== undefined) views.add(view)
    if (energy !== undefined) energies.add(energy)
  }
  return { sides: [...sides], view: only(views), energy: only(energies) }
}

/** A file name without its ending and without the words that name an energy: the same for both exposures of a view. */
export function nameWithoutEnergy(file: string): string {
  const words = file.replace(/\.[^.]*$/, '').split(SEPARATORS)
  const isEnergy = (word: string) => ENERGY_WORDS[word.toLowerCase()] !== undefined || word in ENERGY_ABBREVIATIONS
  return words.filter((word) => !isEnergy(word)).join(' ')
}

/** The one value of a set; two contradict each other and count as none. */
function only<T>(values: ReadonlySet<T>): T | undefined {
  return values.size === 1 ? [...values][0] : undefined
}

/** What everything that names a side agrees on. Both are stated, never read from a name. */
export function settleLaterality(stated: Laterality | undefined, named: readonly Side[]): Laterality | SideProblem {
  const sides = new Set<Laterality>(stated === undefined ? named : [stated, ...named])
  if (sides.size === 0) return 'side-unknown'
  return only(sides) ?? 'laterality-conflict'
}

/** Why a picture cannot be of both breasts: only on a frontal thermogram is each found, and told by where left is. */
export function bilateralProblem({ modality, view, patientOrientation }: Taken): string | undefined {
  if (modality !== 'TG' || view !== 'frontal') return 'side B: of frontal thermograms (TG) only'
  return patientOrientation !== undefined && facesViewer(patientOrientation) ? undefined : NOT_FACING
}

const NOT_FACING =
  'side B: patientOrientation must say that rows lead to her left and columns to her feet, ["L", "F"]; a mirrored or turned picture must be turned back first'

type Taken = Pick<StudyImage, 'modality' | 'view' | 'patientOrientation'>
