import { type Command, InvalidArgumentError, Option } from 'commander'
import type { MeasuredLesion } from '#app/measure.ts'
import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import {
  CODED_FEATURE_NAMES,
  type CodedFeatureName,
  type CodedValue,
  codedDeclarationOf,
  codedFeaturesOf,
} from '#core/coded-features.ts'
import {
  declarationOf,
  FEATURE_GROUP_WORDS,
  FEATURE_NAMES,
  FeatureGroup,
  type FeatureValue,
  featuresOf,
} from '#core/features.ts'
import type { Point } from '#core/geometry.ts'
import {
  KINETIC_FEATURE_NAMES,
  KINETIC_FEATURES,
  type KineticFeatureName,
  kineticUnitInWords,
} from '#core/kinetic-features.ts'
import { type Modality, Side } from '#core/modality.ts'
import { isLikelySpacing, spacingOfScale } from '#core/spacing.ts'
import { View } from '#core/study.ts'
import { type Mm, UNIT_SYMBOLS } from '#core/units.ts'
import type { Language } from '#core/words.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import { type CommonOptions, modalityOption } from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'

interface MeasureOptions extends CommonOptions {
  readonly mask: string
  readonly outlinedBy?: 'doctor' | 'software'
  readonly modality?: Modality
  readonly spacing?: Point
  readonly nipple?: Point
  readonly temperature?: Point
  readonly sequence?: string
  readonly scale?: Point
  readonly side?: Side
  readonly view?: View
  readonly clock?: number
  readonly nippleDistance?: number
}

const MEASURE_EXAMPLES = `  zaoshai measure scan.png --mask outline.png
  zaoshai measure scan.png --mask outline.png --modality US --spacing 0.08,0.08 --nipple 120,30 --json

  zaoshai measure frame.png --mask outline.png --sequence sequence.json
  zaoshai measure --mask outline.png --sequence sequence.json

Every connected region of the mask is measured: each feature by its name with its value and unit, or the reason why it is
absent. Without --spacing there are no millimetres, without --nipple no distances to it. Shape and margin in words are told of a
doctor's outline alone: say that it is one with --outlined-by doctor. \`zaoshai features\` says what each feature is. A
sequence.json names the frames of the same view and their times (docs/sequence.md).`

const FEATURES_EXAMPLES = `  zaoshai features
  zaoshai features --json > features.json

The same stands in docs/features.md.`

export function addMeasure(program: Command, run: Run): void {
  subcommand(program, 'measure', 'Measure what a mask outlines: every feature of every region.', MEASURE_EXAMPLES)
    .argument('[image]', 'a picture; without one it is made from the --sequence')
    .requiredOption('--mask <file>', 'black and white, at the size of the picture')
    .addOption(new Option('--outlined-by <who>', 'whose outlines they are').choices(['doctor', 'software'] as const))
    .addOption(modalityOption())
    .option('--spacing <x,y>', 'millimetres between pixel centres along a row and along a column', positivePair)
    .addOption(
      new Option('--scale <x1,y1,x2,y2,mm>', 'two points on the depth scale and the millimetres between them')
        .argParser(scale)
        .conflicts('spacing'),
    )
    .addOption(new Option('--side <side>', 'side of the body').choices(Side.options))
    .addOption(new Option('--view <view>', 'view of the image').choices(View.options))
    .option('--clock <hour>', 'clock position that the examiner noted, 1 to 12', hour)
    .option('--nipple-distance <mm>', 'distance from the nipple along the skin that the examiner noted', skinDistance)
    .option('--nipple <x,y>', 'the nipple, in pixels from the centre of the first one', pair)
    .option('--temperature <scale,offset>', 'degrees Celsius for one step of a sample, and at sample 0 (TG)', scalePair)
    .option('--sequence <file>', 'a sequence.json: the kinetics of every region, too')
    .action((image: string | undefined, options: MeasureOptions, command: Command) => {
      if (options.temperature !== undefined && options.modality !== 'TG') {
        command.error('error: --temperature is of thermograms: give --modality TG')
      }
      if (image === undefined && options.sequence === undefined) {
        command.error('error: give a picture, a --sequence, or both')
      }
      if (image === undefined && options.temperature !== undefined) {
        command.error(
          'error: --temperature is of the samples of a picture: give that of a sequence in its sequence.json',
        )
      }
      return run(options, (context) => measure(image, options, context))
    })
}

export function addFeatures(program: Command, run: Run): void {
  subcommand(program, 'features', 'Every feature that is measured: unit, method and source.', FEATURES_EXAMPLES).action(
    (options: CommonOptions) => run(options, listFeatures),
  )
}

async function measure(
  image: string | undefined,
  options: MeasureOptions,
  { answer, print, language }: Context,
): Promise<ExitCode> {
  const { mask, outlinedBy, modality, nipple: nipplePx, temperature: degrees, sequence, ...given } = options
  const { measureOutlines } = await import('#app/measure.ts')
  const sides = given.spacing ?? given.scale
  const spacing = sides && { x: sides.x as Mm, y: sides.y as Mm }
  const temperature = degrees && { scale: degrees.x, offset: degrees.y }
  const place = { side: given.side, view: given.view, clock: given.clock, nippleDistanceMm: given.nippleDistance }
  const measured = await measureOutlines({
    ...{ image, mask, outlinedBy, modality, spacing, nipplePx, temperature, sequence, place },
  })
  answer(measured)
  if (measured.madePicture !== undefined) print(say(language, 'madePicture', {}))
  for (const lesion of measured.lesions) print(lesionText(lesion, language))
  return EXIT.ok
}

function lesionText(lesion: MeasuredLesion, language: Language): string {
  const { number, features, contrastStandardised, temporal } = lesion
  const groups = FeatureGroup.options
    .map((group) => ({ group, names: featuresOf(group) }))
    .filter(({ names }) => names.length > 0)
    .map(({ group, names }) => {
      const rows = names.map(
        (name) => `    ${name.padEnd(24)}${valueText(features[name], declarationOf(name).digits, language)}`,
      )
      const coded = codedFeaturesOf(group).map(
        (name) => `    ${name.padEnd(24)}${wordText(name, features[name], language)}`,
      )
      return [`  ${FEATURE_GROUP_WORDS[group][language]}`, ...rows, ...coded].join('\n')
    })
  const standardised = standardisedText(contrastStandardised, language)
  return [say(language, 'region', { number }), ...groups, ...standardised, ...temporalText(temporal, language)].join(
    '\n',
  )
}

function standardisedText(contrast: MeasuredLesion['contrastStandardised'], language: Language): string[] {
  if (isAbsent(contrast)) return []
  const rows = featuresOf('contrast').map((name) => {
    const value = contrast[name]
    return value && `    ${name.padEnd(24)}${valueText(value, declarationOf(name).digits, language)}`
  })
  return [`  ${say(language, 'standardised', {})}`, ...rows.filter((row) => row !== undefined)]
}

/** Of a contrast agent nothing is said where there is none. */
function temporalText(temporal: MeasuredLesion['temporal'], language: Language): string[] {
  const heading = `  ${FEATURE_GROUP_WORDS.temporal[language]}`
  if (isAbsent(temporal)) return [heading, `    ${temporal.absent}: ${ABSENCE_WORDS[temporal.absent][language]}`]
  return temporal.flatMap(({ channel, region, referenceCorrelation, ...of }) => {
    const contrast = { percentEnhancement: of.percentEnhancement, signalEnhancementRatio: of.signalEnhancementRatio }
    const told = Object.entries({ ...region, referenceCorrelation, ...contrast }) as [
      KineticFeatureName,
      FeatureValue,
    ][]
    const numbers = told
      .filter(([, value]) => !isAbsent(value) || value.absent !== 'no-contrast-agent')
      .map(([name, value]) => `    ${name.padEnd(24)}${valueText(value, KINETIC_FEATURES[name].digits, language)}`)
    return [`${heading}, ${channel}`, ...numbers]
  })
}

function valueText(value: FeatureValue, digits: number, language: Language): string {
  if (isAbsent(value)) return `${value.absent}: ${ABSENCE_WORDS[value.absent][language]}`
  return `${value.value.toFixed(digits)} ${UNIT_SYMBOLS[value.unit]}`.trimEnd()
}

function wordText(name: CodedFeatureName, value: CodedValue, language: Language): string {
  if (isAbsent(value)) return `${value.absent}: ${ABSENCE_WORDS[value.absent][language]}`
  return codedDeclarationOf(name).values[value.word]?.words[language] ?? value.word
}

async function listFeatures({ answer, print, language }: Context): Promise<ExitCode> {
  const temporal = KINETIC_FEATURE_NAMES.map((name) => {
    const { dimension, ...rest } = KINETIC_FEATURES[name]
    return { name, group: 'temporal' as const, unit: kineticUnitInWords(dimension), ...rest }
  })
  const coded = CODED_FEATURE_NAMES.map((name) => {
    const declared = codedDeclarationOf(name)
    return { name, unit: Object.keys(declared.values).join(' | '), ...declared }
  })
  const all = [...FEATURE_NAMES.map((name) => ({ name, ...declarationOf(name) })), ...coded, ...temporal]
  answer(all)
  for (const { name, label, unit, group, method, source } of all) {
    const heading = `${name} (${[FEATURE_GROUP_WORDS[group][language], unit].join(', ')}): ${label[language]}`
    print(`${heading}\n  ${method}.\n  ${source}`)
  }
  return EXIT.ok
}

/** An `argParser` for two numbers with a comma between them. */
function pair(text: string): Point {
  const [x, y, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (x === undefined || y === undefined || more.length > 0 || !Number.isFinite(x) || !Number.isFinite(y)) {
    throw new InvalidArgumentError('It must be two numbers with a comma between them.')
  }
  return { x, y }
}

function scalePair(text: string): Point {
  const { x, y } = pair(text)
  if (x <= 0) throw new InvalidArgumentError('The scale must be above 0.')
  return { x, y }
}

function positivePair(text: string): Point {
  const { x, y } = pair(text)
  if (!isLikelySpacing(x) || !isLikelySpacing(y))
    throw new InvalidArgumentError('Both must be millimetres from 0.0001 to 10.')
  return { x, y }
}

/** Two clicks on a depth scale: the same spacing along rows and columns. */
function scale(text: string): Point {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, mm = 0] = numbers
  if (numbers.length !== 5 || !numbers.every(Number.isFinite) || mm <= 0) {
    throw new InvalidArgumentError('It must be five numbers: two points and the millimetres between them.')
  }
  const spacing = spacingOfScale({ from: { x: x1, y: y1 }, to: { x: x2, y: y2 }, mm })
  if (spacing === undefined) {
    throw new InvalidArgumentError('The points coincide, or the spacing is not within 0.0001 to 10 mm.')
  }
  return { x: spacing, y: spacing }
}

function hour(text: string): number {
  if (!/^([1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('It must be a whole hour from 1 to 12.')
  return Number(text)
}

function skinDistance(text: string): number {
  const mm = text.trim() === '' ? Number.NaN : Number(text)
  if (!(mm >= 0 && mm <= 300)) throw new InvalidArgumentError('It must be millimetres from 0 to 300.')
  return mm
}
