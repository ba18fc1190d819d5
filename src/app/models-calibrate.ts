import path from 'node:path'
import { isAbsent } from '#core/absent.ts'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { TestView } from '#core/test-view.ts'
import type { Device } from '#engine/protocol.ts'
import {
  type ModalitySettings,
  type Model,
  type ModelMetadata,
  openModel,
  parseModelFile,
  readModelFile,
  writeModel,
} from '#sam/model.ts'
import { openPredictor } from '#sam/predict.ts'
import type { StoreOptions } from '#sam/weights.ts'
import { dataHash } from '#training/dataset.ts'
import { type HeldOutSettings, learnFromHeldOut } from '#training/held-out.ts'
import { type EvaluateProgress, type Evaluation, evaluateHeldOut, judge, readImages } from './evaluate.ts'
import { modelFile } from './models.ts'
import { prepareFolder, writeOutput } from './output.ts'

export interface CalibrateOptions extends StoreOptions {
  /** A model file or a run folder; `default` is the model that comes with this software. */
  readonly model: string
  /** Manifests; `US:path` says what the images of one are of. */
  readonly data: readonly string[]
  /** Images that the model did not learn from. */
  readonly split: 'val' | 'test'
  readonly modality?: Modality | undefined
  /** The views that the model averages from now on; default: those that it carries. */
  readonly testViews?: readonly TestView[] | undefined
  /** The file that the calibrated model goes to. */
  readonly out: string
  readonly device?: Device | undefined
  readonly threads?: number | undefined
  readonly onEvaluating?: ((progress: EvaluateProgress) => void) | undefined
}

export interface Calibrated {
  /** The file that was written. */
  readonly file: string
  /** Of the model that was written, on the images that it was calibrated on. */
  readonly evaluation: Evaluation
}

/** Deals the folds; fixed, so that the same images give the same model file. */
const SEED = 1

/**
 * Writes a model anew with the mask thresholds, the presence gate and the expected Dice that images which it did not
 * learn from give it, and with its figures on them. Its weights stay as they are, bit for bit.
 * @throws CALIBRATION_INCOMPLETE when the images lack a modality of the model; as `evaluate`
 */
export async function calibrateModel(options: CalibrateOptions): Promise<Calibrated> {
  const { split, out, device, threads, onEvaluating, signal } = options
  await prepareFolder(path.dirname(path.resolve(out)))
  const file = await modelFile(options.model)
  const [{ tensors, metadata: carried }, opened] = await Promise.all([readModelFile(file), openModel(file, options)])
  const metadata = seenIn(carried, options.testViews)
  const model = { ...opened, metadata }
  const { images, badRows } = await readImages(options)
  refuseMissing(metadata, new Set(images.map(({ row }) => row.modality)))
  await using predictor = await openPredictor(withoutGate(model), {
    ...(device && { device }),
    ...(threads && { threads }),
  })
  const onImage = (done: number, total: number) => onEvaluating?.({ stage: 'evaluated', done, total })
  const { evaluations, thresholds } = await evaluateHeldOut(predictor, images, SEED, { onImage, signal })

  const { settings, figures } = learnFromHeldOut(evaluations, thresholds, presenceModalities(metadata), SEED)
  const modalities = Object.fromEntries(
    Object.entries(metadata.modalities).map(([modality, { confidence, ...carried }]) => [
      modality,
      recalibrated(carried, settings.get(modality as Modality)),
    ]),
  )
  const calibration = { startSha256: model.sha256, split, sha256: dataHash(images), images: images.length }
  const provenance = { ...metadata.provenance, calibration }
  const draft: ModelMetadata = { ...metadata, modalities, provenance, figures: {} }
  const { summary, withoutPresenceGate } = judge({ metadata: draft, sha256: '' }, split, evaluations)
  const bytes = writeModel(tensors, { ...draft, figures: { split, ...summary, withoutPresenceGate, ...figures } })
  await writeOutput(out, bytes)
  return { file: path.resolve(out), evaluation: judge(parseModelFile(bytes, out), split, evaluations, badRows) }
}

/** What a model says of itself, with other views in every modality. */
function seenIn(metadata: ModelMetadata, testViews: readonly TestView[] | undefined): ModelMetadata {
  if (testViews === undefined) return metadata
  const modalities = Object.entries(metadata.modalities).map(([modality, settings]) => [
    modality,
    { ...settings, testViews: [...testViews] },
  ])
  return { ...metadata, modalities: Object.fromEntries(modalities) }
}

/** The model with its presence shown for every image, also where no gate could be chosen for it so far. */
function withoutGate(model: Model): Model {
  const taught = presenceModalities(model.metadata)
  const modalities = Object.entries(model.metadata.modalities).map(([modality, settings]) => {
    return [modality, taught.has(modality as Modality) ? { ...settings, presenceThreshold: 0 } : settings]
  })
  return { ...model, metadata: { ...model.metadata, modalities: Object.fromEntries(modalities) } }
}

/** Where there are too few lesions to choose a gate, the one that the model carries stays. */
function recalibrated(
  carried: Omit<ModalitySettings, 'confidence'>,
  learned: HeldOutSettings | undefined,
): ModalitySettings {
  if (learned === undefined) return carried
  const { presenceThreshold } = isAbsent(learned.presenceThreshold) ? carried : learned
  return { ...carried, ...learned, presenceThreshold }
}

/** Gate, confidence and figures of one model file are of the same images: none of its modalities may be left over. */
function refuseMissing({ name, modalities }: ModelMetadata, found: ReadonlySet<Modality>): void {
  const missing = (Object.keys(modalities) as Modality[]).filter((modality) => !found.has(modality))
  if (missing.length > 0) throw new ScreeningError('CALIBRATION_INCOMPLETE', { model: name, missing })
}

/** Those in which the model has learned what an image without a lesion is. */
function presenceModalities({ modalities }: ModelMetadata): Set<Modality> {
  const entries = Object.entries(modalities) as [Modality, (typeof modalities)[Modality] & object][]
  const isUntaught = ({ presenceThreshold: gate }: ModalitySettings) =>
    isAbsent(gate) && gate.absent === 'no-normal-training-data'
  return new Set(entries.flatMap(([modality, settings]) => (isUntaught(settings) ? [] : [modality])))
}
