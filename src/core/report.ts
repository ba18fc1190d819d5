import { z } from 'zod'
import { Absent } from './absent.ts'
import { Biomarker } from './biomarkers.ts'
import { BreastDescription } from './breast-description.ts'
import {
  type CODED_FEATURES,
  type CodedFeatureName,
  type CodedValue,
  codedFeaturesOf,
  codedValue,
  type WordOf,
} from './coded-features.ts'
import { RegionConfidence } from './confidence.ts'
import { ERRORS, type ErrorCode } from './errors.ts'
import {
  COMPARISONS,
  type ComparisonName,
  FEATURE_NAMES,
  FEATURES,
  type FeatureGroup,
  type FeatureName,
  FeatureValue,
} from './features.ts'
import { IntakeReport } from './intake.ts'
import { RegionKinetics, SequenceFacts } from './kinetics.ts'
import { Modality, Side } from './modality.ts'
import { NippleProposal } from './nipple-proposal.ts'
import { NoticeCode } from './notices.ts'
import { PreprocessingStep } from './preprocessing.ts'
import { QualityFinding } from './quality.ts'
import { HighestScore, ScoreValue } from './score.ts'
import { Energy, SideProblem, SpacingSource, StudyId, View } from './study.ts'
import { Words } from './words.ts'

/** Goes up when a reader of the last version would misread the next: first digit, or would miss something: second. */
export const REPORT_VERSION = '1.4'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const PointPx = z.strictObject({ x: z.number(), y: z.number() })
const Code = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]])
/** A path below the report's own folder, with `/`. */
const OutputFile = z.string().regex(/^[a-z]+\/[A-Za-z0-9._-]+$/)

type NameIn<G extends FeatureGroup> = {
  [N in FeatureName]: (typeof FEATURES)[N]['group'] extends G ? N : never
}[FeatureName]

type CodedNameIn<G extends FeatureGroup> = {
  [N in CodedFeatureName]: (typeof CODED_FEATURES)[N]['group'] extends G ? N : never
}[CodedFeatureName]

type NumbersShape<G extends FeatureGroup> = Record<NameIn<G>, typeof FeatureValue>
type GroupShape<G extends FeatureGroup> = NumbersShape<G> & {
  [N in CodedNameIn<G>]: z.ZodType<CodedValue<WordOf<N>>>
}

/** One value for every feature that is declared in the group: none can be forgotten. */
function group<G extends FeatureGroup>(name: G): z.ZodObject<GroupShape<G>> {
  const coded = codedFeaturesOf(name).map((feature) => [feature, codedValue(feature)])
  return z.strictObject({ ...numbers(name).shape, ...Object.fromEntries(coded) } as never)
}

/** The features of the group that are numbers. */
function numbers<G extends FeatureGroup>(name: G): z.ZodObject<NumbersShape<G>> {
  const names = FEATURE_NAMES.filter((feature) => FEATURES[feature].group === name) as NameIn<G>[]
  return z.strictObject(Object.fromEntries(names.map((feature) => [feature, FeatureValue])) as never)
}

export const Lesion = z
  .strictObject({
    number: z.int().positive().describe('1 is the largest region of its image; the number beside its outline'),
    boundsPx: z.strictObject({ left: z.int(), top: z.int(), width: z.int().positive(), height: z.int().positive() }),
    centroidPx: PointPx,
    features: z.strictObject({
      location: group('location'),
      spatial: group('spatial'),
      temporal: z.union([z.array(RegionKinetics).min(1), Absent]).describe('One for each channel of the sequence'),
      contrast: group('contrast'),
      contrastStandardised: z
        .union([numbers('contrast'), Absent])
        .describe('The same on the standardised image, as the model sees it'),
    }),
    confidence: RegionConfidence,
    score: ScoreValue,
  })
  .meta({ id: 'Lesion' })
export type Lesion = z.infer<typeof Lesion>

/** What is marked on one image. */
export const Marking = z.strictObject({
  by: z.enum(['software', 'doctor']).describe('Who drew the outlines'),
  mask: OutputFile.describe('8-bit PNG of the size of the image: 255 inside, 0 outside'),
  overlay: OutputFile.describe('The image with the outlines drawn in'),
  expectedDice: FeatureValue.describe('Of the whole mask'),
  lesions: z.array(Lesion),
})
export type Marking = z.infer<typeof Marking>

const imageFacts = {
  id: z.string().regex(/^[A-Za-z0-9-]+$/),
  file: z.string().describe('File name as it came in, without its folder'),
  side: Side,
  isBilateral: z.literal(true).optional().describe('The picture shows both breasts, and stands once for either side'),
  view: View,
  modality: Modality,
  energy: Energy.optional(),
  date: z.iso.date().optional(),
}

export const ReadImage = z
  .strictObject({
    status: z.literal('read'),
    ...imageFacts,
    sha256: Sha256.describe(
      'Of the file as it came in; of a picture that was made, of the files of its frames in order',
    ),
    madePicture: z
      .literal('baseline-mean')
      .optional()
      .describe('No picture was given: it is the mean of the baseline frames of the first channel of the sequence'),
    size: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    pixelSpacingMm: z.union([z.strictObject({ x: z.number(), y: z.number(), source: SpacingSource }), Absent]),
    nipplePx: z.union([PointPx, Absent]).describe('As a person gave it'),
    nippleProposal: z
      .union([NippleProposal, Absent])
      .describe("Of the image's own side, where no nipple was given. Nothing is measured from it"),
    pectoralMuscle: z
      .union([z.strictObject({ edgePx: z.tuple([PointPx, PointPx]) }), Absent])
      .describe('Its edge on an MLO view as the software found it, from the upper end of the breast to the chest wall'),
    quality: z.array(QualityFinding),
    standardisation: z.union([z.array(PreprocessingStep), Absent]),
    presence: z
      .union([z.number().min(0).max(1), Absent])
      .describe('Presence score: higher where a lesion is likelier; not a probability'),
    readWith: z
      .string()
      .optional()
      .describe('Id of the other exposure of the view, where the model read both together'),
    sequence: z.union([SequenceFacts, Absent]),
    marking: z.union([Marking, Absent]),
  })
  .meta({ id: 'ReadImage' })
export type ReadImage = z.infer<typeof ReadImage>

export const UnreadableImage = z
  .strictObject({
    status: z.literal('unreadable'),
    ...imageFacts,
    code: Code,
  })
  .meta({ id: 'UnreadableImage' })
export type UnreadableImage = z.infer<typeof UnreadableImage>

export const ImageReport = z.discriminatedUnion('status', [ReadImage, UnreadableImage])
export type ImageReport = z.infer<typeof ImageReport>

/** A view that the examination should hold and does not. */
export const MissingView = z.strictObject({ modality: Modality, view: View, energy: Energy.optional() })
export type MissingView = z.infer<typeof MissingView>

export const SideStatus = z.enum(['imaged', 'incomplete', 'unreadable', 'not-imaged'])
export type SideStatus = z.infer<typeof SideStatus>

export const SideReport = z
  .strictObject({
    side: Side,
    status: SideStatus,
    missing: z.array(MissingView),
    score: z.union([HighestScore, Absent]).describe('Of its most suspicious region'),
    images: z.array(ImageReport),
    breast: BreastDescription,
  })
  .meta({ id: 'SideReport' })
export type SideReport = z.infer<typeof SideReport>

/** Left against right, from one image of each side with the same view. */
export const Comparison = z
  .strictObject({
    modality: Modality,
    view: View,
    energy: Energy.optional(),
    images: z.strictObject({ L: z.string(), R: z.string() }),
    values: z.strictObject(
      Object.fromEntries(Object.keys(COMPARISONS).map((name) => [name, FeatureValue])) as Record<
        ComparisonName,
        typeof FeatureValue
      >,
    ),
  })
  .meta({ id: 'Comparison' })
export type Comparison = z.infer<typeof Comparison>

/** An image that could be given to no side. */
export const RefusedImage = z.strictObject({ file: z.string(), reason: SideProblem, code: Code })
export type RefusedImage = z.infer<typeof RefusedImage>

/** A figure from a model's evaluation, with its 95% bootstrap interval. */
export const ModelFigure = z.strictObject({
  modality: Modality,
  set: z.string(),
  images: z.int().positive(),
  meanDice: z.number().min(0).max(1),
  interval: z.tuple([z.number(), z.number()]).optional(),
})
export type ModelFigure = z.infer<typeof ModelFigure>

/** How the expected Dice of a model's masks, or of their regions, agreed with what they had: out-of-fold, on validation images. */
export const ConfidenceFigure = z.strictObject({
  modality: Modality,
  of: z.enum(['mask', 'region']),
  examples: z.int().positive(),
  /** Mean distance of expected from observed Dice over bins of equal counts. */
  calibrationError: z.number().min(0).max(1),
  correlation: z.number().min(-1).max(1).nullable(),
})
export type ConfidenceFigure = z.infer<typeof ConfidenceFigure>

export const ModelReport = z
  .strictObject({
    id: z.string(),
    sha256: Sha256,
    validatedModalities: z.array(Modality),
    figures: z.array(ModelFigure),
    confidence: z.array(ConfidenceFigure),
    limits: z.array(Words),
  })
  .meta({ id: 'ModelReport' })
export type ModelReport = z.infer<typeof ModelReport>

/** The document that a screening ends in: one woman, one date, both sides. Everything printed is printed from it. */
export const Report = z
  .strictObject({
    version: z.literal(REPORT_VERSION),
    software: z.strictObject({ name: z.literal('Zaoshai'), version: z.string() }),
    createdAt: z.iso.datetime(),
    study: z.strictObject({
      id: StudyId,
      date: z.union([z.iso.date(), Absent]),
      note: z.string().optional().describe('Origin and licence of published images'),
    }),
    status: z.enum(['complete', 'incomplete']),
    intake: z.union([IntakeReport, Absent]),
    model: ModelReport,
    score: z.union([HighestScore, Absent]).describe('Of her worse side'),
    sides: z.strictObject({ R: SideReport, L: SideReport }),
    comparison: z.union([z.array(Comparison).min(1), Absent]),
    serum: z.array(Biomarker).describe('Of the woman, as entered'),
    refused: z.array(RefusedImage),
    notices: z.array(z.strictObject({ code: NoticeCode, words: Words })),
  })
  .meta({ title: `Zaoshai screening report, version ${REPORT_VERSION}` })
export type Report = z.infer<typeof Report>

/** The published JSON Schema of {@link Report}. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(Report, { target: 'draft-2020-12' })
}
