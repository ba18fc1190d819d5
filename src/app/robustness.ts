import path from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { seededRandom } from '#core/random.ts'
import { openModel } from '#sam/model.ts'
import { openPredictor, type Predictor } from '#sam/predict.ts'
import { type DatasetImage, dataHash, type LoadedImage, loadImage } from '#training/dataset.ts'
import { outlineImage, presenceThreshold, toFigure } from '#training/evaluate.ts'
import type { BadRow, Split } from '#training/manifest.ts'
import { overlap } from '#training/metrics.ts'
import { PERTURBATION_METHODS, PERTURBATIONS, type Perturbation, perturb } from '#training/perturb.ts'
import {
  type PerturbedImage,
  printRobustness,
  type RobustnessRow,
  robustness,
  TOLERANCE,
} from '#training/robustness.ts'
import { type EvaluateOptions, readImages } from './evaluate.ts'
import { prepareFolder, writeOutput } from './output.ts'

export interface Robustness {
  readonly model: { readonly name: string; readonly sha256: string }
  readonly split: Split
  readonly dataHash: string
  readonly images: number
  readonly badRows: readonly BadRow[]
  /** What each kind of perturbation does, and the unit of its strength. */
  readonly methods: typeof PERTURBATION_METHODS
  readonly tolerance: number
  readonly rows: readonly RobustnessRow[]
  /** The table for a person. */
  readonly text: string
}

/** Draws noise and bootstrap; fixed, so that the same model and images give the same table. */
const SEED = 20

/**
 * Judges a model on perturbed copies of the images of one split, each against itself unperturbed. With `out` it writes
 * `robustness.json`, `robustness.csv` and `robustness.txt`, all at the end.
 * @throws as `evaluate`
 */
export async function examineRobustness(
  options: EvaluateOptions,
  perturbations: readonly Perturbation[] = PERTURBATIONS,
): Promise<Robustness> {
  const { split, out, device, threads, onEvaluating, signal } = options
  if (out !== undefined) await prepareFolder(out)
  const { images, badRows } = await readImages(options)
  const model = await openModel(options.model, options)
  await using predictor = await openPredictor(model, { ...(device && { device }), ...(threads && { threads }) })
  const perturbed: PerturbedImage[] = []
  for (const [done, image] of images.entries()) {
    onEvaluating?.({ stage: 'evaluated', done, total: images.length })
    perturbed.push(...(await perturbedFigures(predictor, image, perturbations, signal)))
  }
  onEvaluating?.({ stage: 'evaluated', done: images.length, total: images.length })
  const rows = robustness(perturbed, SEED)
  const { name } = model.metadata
  const text = `model ${name} ${model.sha256.slice(0, 12)}, split ${split}, ${images.length} images\n\n${printRobustness(rows)}`
  const about = { model: { name, sha256: model.sha256 }, split, dataHash: dataHash(images), images: images.length }
  const table = { ...about, badRows, methods: PERTURBATION_METHODS, tolerance: TOLERANCE, rows }
  if (out !== undefined) await writeTable(out, table, text)
  return { ...table, text }
}

/** An image as it is, then under every perturbation that leaves something of its lesion. */
async function perturbedFigures(
  predictor: Predictor,
  image: DatasetImage,
  perturbations: readonly Perturbation[],
  signal: AbortSignal | undefined,
): Promise<PerturbedImage[]> {
  const loaded = await loadImage(image.row)
  const threshold = presenceThreshold(predictor.settings(image.row.modality))
  const figures = async (of: LoadedImage) => {
    signal?.throwIfAborted()
    const { mask, truth, presence } = await outlineImage(predictor, image, of)
    const evaluation = { image, mask: overlap(mask, truth), maskAreaPx: mask.areaPx, presence }
    return { gated: toFigure(evaluation, threshold), bare: toFigure(evaluation, null) }
  }
  const clean = await figures(loaded)
  const all: PerturbedImage[] = []
  for (const perturbation of perturbations) {
    const { kind, strength } = perturbation
    const changed = await perturb(loaded, perturbation, seededRandom(SEED, image.row.id, kind, strength))
    if (changed === null) continue
    const { gated, bare } = await figures(changed)
    all.push({
      perturbation,
      clean: clean.gated,
      perturbed: gated,
      cleanWithoutGate: clean.bare,
      perturbedWithoutGate: bare,
    })
  }
  return all
}

async function writeTable(out: string, table: Omit<Robustness, 'text'>, text: string): Promise<void> {
  await writeOutput(path.join(out, 'robustness.json'), `${JSON.stringify(table, null, 2)}\n`)
  await writeOutput(path.join(out, 'robustness.csv'), stringify(table.rows.map(csvRow), { header: true }))
  await writeOutput(path.join(out, 'robustness.txt'), text)
}

function csvRow({ whatUserGets, withoutPresenceGate, normals, ...row }: RobustnessRow) {
  const columns = (of: RobustnessRow['whatUserGets'], suffix: string) => ({
    [`dice${suffix}`]: of?.dice.toFixed(4) ?? '',
    [`difference${suffix}`]: of?.difference.toFixed(4) ?? '',
    [`low95${suffix}`]: of?.interval95?.low.toFixed(4) ?? '',
    [`high95${suffix}`]: of?.interval95?.high.toFixed(4) ?? '',
  })
  return {
    ...row,
    ...columns(whatUserGets, ''),
    ...columns(withoutPresenceGate, 'WithoutGate'),
    normals: normals?.images ?? '',
    normalsCalled: normals?.called ?? '',
    normalsCalledClean: normals?.calledClean ?? '',
  }
}
