import { InvalidArgumentError, Option } from 'commander'
import { Modality } from '#core/modality.ts'
import { Preprocessing } from '#core/preprocessing.ts'
import { TestView } from '#core/test-view.ts'
import { Language } from '#core/words.ts'

/** Options that every command has, read with `optsWithGlobals()`. */
export interface CommonOptions {
  readonly json?: boolean
  readonly debug?: boolean
  readonly lang?: Language
}

/** Options of the commands that run a model. */
export interface ComputeOptions {
  readonly threads?: number
  readonly device: 'cpu' | 'webgpu' | 'cuda'
}

const MODALITY_WORDS = 'US ultrasound, MG mammography, TG thermography, OT optical'

export function modalityOption(): Option {
  return new Option(
    '--modality <code>',
    `what the images are of, in DICOM's codes, where nothing else says it (${MODALITY_WORDS})`,
  ).choices(Modality.options)
}

export function deviceOption(): Option {
  return new Option('--device <name>', 'what computes').choices(['cpu', 'webgpu', 'cuda']).default('cpu')
}

export function threadsOption(): Option {
  return new Option('--threads <count>', 'processor threads (default: all cores)').argParser(positiveInteger)
}

export function modelOption(): Option {
  return new Option('--model <file>', 'a model that `zaoshai train` wrote (default: the one that comes with Zaoshai)')
}

export function languageOption(): Option {
  return new Option('--lang <language>', 'language of the report and of what is said here').choices(Language.options)
}

/** An `argParser` for counts. */
export function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 up.')
  return value
}

/** An `argParser` for a text that must not be empty, as that of an unset variable is. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

/** An `argParser` for integers from 0 up. */
export function nonNegativeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number from 0 up.')
  return value
}

/** An `argParser` for quantities above nothing. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** An `argParser` for the side of the model's square. */
export function inputSide(text: string): number {
  const side = positiveInteger(text)
  if (!Preprocessing.shape.size.safeParse(side).success) {
    throw new InvalidArgumentError('It must be a multiple of 32; the windows fit best at multiples of 224.')
  }
  return side
}

export function dataOption(): Option {
  return new Option(
    '--data <manifest...>',
    'manifests (.csv); US:path says that the images of that one are ultrasound, and so on',
  ).makeOptionMandatory()
}

export function testViewsOption(): Option {
  return new Option('--test-views <views...>', 'views that the model averages, a pass each').choices(TestView.options)
}
