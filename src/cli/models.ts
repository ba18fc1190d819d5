import path from 'node:path'
import { type Command, Option } from 'commander'
import type { Modality } from '#core/modality.ts'
import type { TestView } from '#core/test-view.ts'
import { SPLITS, type Split, showEvaluating, warnOfRows } from './evaluate.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  dataOption,
  deviceOption,
  modalityOption,
  testViewsOption,
  threadsOption,
} from './options.ts'
import { asDocument, type Context, commandGroup, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

const LIST_EXAMPLES = `  zaoshai models list                          the model that comes with Zaoshai
  zaoshai models list run/ other.safetensors   and those of a run folder, a folder of runs, or files
  zaoshai models list runs/ --json > models.json

Dice, IoU and AUC are of the validation images that each model was trained with, near-duplicates left out: models that
were trained with different ones cannot be compared by them. For that: zaoshai models compare.`

const SHOW_EXAMPLES = `  zaoshai models show                          the card of the model that comes with Zaoshai
  zaoshai models show run/model.safetensors    what it learned from, licences, preprocessing, thresholds, figures, limits
  zaoshai models show run --out card.html      the same as a page (both languages, no network needed)
  zaoshai models show run --results test/summary.json robustness/robustness.json --out card.html

All of it is read from the model file, and from the results that evaluate wrote with this very file. Licences come from the dataset.json that stood beside each manifest when the
model was trained: {"title": "...", "licence": "...", "citation": "..."}.`

const COMPARE_EXAMPLES = `  zaoshai models compare default run --data US:busi/manifest.csv --out comparison
  zaoshai models compare old.safetensors new.safetensors --data records/manifest.csv --split test --out comparison

A and B are model files or run folders; default is the model that comes with Zaoshai. Both are run over the same images;
every difference is B less A. The interval of the mean difference is a paired bootstrap over patients or groups of
near-duplicates. Images of a modality that one of the models was not validated on are left out and counted.

Writes into the output folder: comparison.html (both languages, no network needed; the images on which B gains and loses
most, with the outlines of the doctor, A and B), differences.csv (a row per image), summary.json and summary.txt.`

const CALIBRATE_EXAMPLES = `  zaoshai models calibrate default --data US:busi/manifest.csv MG:cesm/manifest.csv --out calibrated.safetensors
  zaoshai models calibrate run --data records/manifest.csv --split val --out calibrated.safetensors

Writes the model anew with the mask threshold, the presence gate and the expected Dice that images which it did not learn
from give it: for a model that carries none, for a clinic's own devices, or for other views (--test-views): each is one
more pass. They are chosen by cross-validation (docs/confidence.md). The weights stay as they are; outlines change where threshold or gate do, and with them every
measurement. The file's figures become those of these images, and its name stays: give it another file name.`

interface CalibrateCommandOptions extends CommonOptions, ComputeOptions {
  readonly data: string[]
  readonly split: 'val' | 'test'
  readonly modality?: Modality
  readonly testViews?: TestView[]
  readonly out: string
}

interface CompareCommandOptions extends CommonOptions, ComputeOptions {
  readonly data: string[]
  readonly split: Split
  readonly modality?: Modality
  readonly out: string
}

export function addModels(program: Command, run: Run): void {
  const models = commandGroup(program, 'models', 'See which models there are, what each is, and which is better.', [
    '  zaoshai models list',
    '  zaoshai models show run/model.safetensors --out card.html',
    '  zaoshai models compare default run --data US:busi/manifest.csv --out comparison',
  ])
  subcommand(models, 'list', 'The models at hand, with their figures on validation images.', LIST_EXAMPLES)
    .argument('[paths...]', 'model files, run folders, or folders of either')
    .action((paths: string[], options: CommonOptions) => run(options, (context) => list(paths, context)))
  subcommand(models, 'show', 'The model card: what a model file tells of itself.', SHOW_EXAMPLES)
    .argument('[model]', 'a model file or a run folder (default: the one that comes with Zaoshai)')
    .option('--results <files...>', 'what evaluate measured with this model since: summary.json, robustness.json')
    .option('--out <file>', 'the card as a page, for example card.html')
    .action((file: string | undefined, options: ShowOptions) => run(options, (context) => show(file, options, context)))
  subcommand(models, 'compare', 'Run two models over the same images and see where they differ.', COMPARE_EXAMPLES)
    .argument('<A>', 'a model file, a run folder, or default')
    .argument('<B>', 'the model that is held against it')
    .addOption(dataOption())
    .addOption(new Option('--split <name>', 'the rows to compare on').choices(SPLITS).default('val'))
    .requiredOption('--out <folder>', 'where the page, the per-image differences and the summary go')
    .addOption(modalityOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((first: string, second: string, options: CompareCommandOptions) =>
      run(options, (context) => compare([first, second], options, context)),
    )
  subcommand(models, 'calibrate', "Choose a model's thresholds and expected Dice on other images.", CALIBRATE_EXAMPLES)
    .argument('<model>', 'a model file, a run folder, or default')
    .addOption(dataOption())
    .addOption(
      new Option('--split <name>', 'rows that the model did not learn from').choices(['val', 'test']).default('val'),
    )
    .requiredOption('--out <file>', 'the model file to write')
    .addOption(testViewsOption())
    .addOption(modalityOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((model: string, options: CalibrateCommandOptions) =>
      run(options, (context) => calibrate(model, options, context)),
    )
}

async function calibrate(
  model: string,
  { data, split, modality, testViews, out, device, threads }: CalibrateCommandOptions,
  context: Context,
): Promise<ExitCode> {
  const { calibrateModel } = await import('#app/models-calibrate.ts')
  const { file, evaluation } = await calibrateModel({
    ...{ model, data, split, modality, testViews, out, device, threads, signal: context.signal },
    onProgress: (step) => showWeights(step, context),
    onEvaluating: (step) => showEvaluating(step, context),
  })
  context.progress.stop()
  const { text, ...rest } = evaluation
  context.answer({ file, evaluation: rest })
  warnOfRows(evaluation.badRows, context)
  context.print(text)
  context.tell('calibrated', { file })
  return evaluation.badRows.length > 0 ? EXIT.someFailed : EXIT.ok
}

async function list(paths: readonly string[], context: Context): Promise<ExitCode> {
  const { listModels, printModels } = await import('#app/models.ts')
  const { models, refused } = await listModels(paths)
  for (const { error } of refused) context.warn(error)
  context.answer({ models, refused: refused.map(({ file, error }) => ({ file, ...asDocument(error) })) })
  context.print(printModels(models, context.language))
  context.tell('listed')
  return refused.length > 0 ? EXIT.someFailed : EXIT.ok
}

interface ShowOptions extends CommonOptions {
  readonly results?: string[]
  readonly out?: string
}

async function show(file: string | undefined, { results, out }: ShowOptions, context: Context): Promise<ExitCode> {
  const { printCard, showModel } = await import('#app/models.ts')
  const card = await showModel({ file, results, out, language: context.language })
  context.answer(card)
  context.print(printCard(card, context.language))
  if (out !== undefined) context.tell('modelCard', { file: path.resolve(out) })
  return EXIT.ok
}

async function compare(
  models: readonly [string, string],
  { data, split, modality, out, device, threads }: CompareCommandOptions,
  context: Context,
): Promise<ExitCode> {
  const { compareModels } = await import('#app/models-compare.ts')
  const { language, signal } = context
  const { text, ...comparison } = await compareModels({
    ...{ models, data, split, modality, out, device, threads, language, signal },
    onProgress: (step) => showWeights(step, context),
    onEvaluating: (step) => showEvaluating(step, context),
  })
  context.progress.stop()
  context.answer(comparison)
  warnOfRows(comparison.badRows, context)
  context.print(text)
  context.tell('compared', { file: path.resolve(out, 'comparison.html') })
  return comparison.badRows.length > 0 ? EXIT.someFailed : EXIT.ok
}
