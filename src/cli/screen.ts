import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import type { Screening } from '#app/screen.ts'
import { INTAKE_REFUSAL_WORDS, type IntakeRefusal } from '#core/intake.ts'
import type { Modality } from '#core/modality.ts'
import { QUALITY_WORDS } from '#core/quality.ts'
import type { Report } from '#core/report.ts'
import { prevalenceOption } from './assess.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { say } from './messages.ts'
import {
  type CommonOptions,
  type ComputeOptions,
  deviceOption,
  modalityOption,
  modelOption,
  threadsOption,
} from './options.ts'
import { type Context, type Run, subcommand } from './run.ts'
import { showWeights } from './weights.ts'

interface ScreenOptions extends CommonOptions, ComputeOptions {
  readonly out: string
  readonly modality?: Modality
  readonly model?: string
  readonly prevalence?: number
}

const EXAMPLES = `  zaoshai screen examples/cesm-p313 --out report
  zaoshai screen visits/0042/ --modality US --out report      a folder: left_CC.png, R_MLO.png, L_1.jpg and the like
  zaoshai screen visits/0042/study.json --out report          a file that says side, view, date, spacing and nipple
  zaoshai screen visits/0042/ --modality US --out report --lang zh

A file name or study.json says the side of each image; it is never guessed. docs/study.md shows both forms.

Writes into the output folder: report.html (both languages, no network needed), report.pdf (the same on A4, in the
language of --lang), report.json (docs/report.schema.json), slip.pdf and slip.html (one page for the woman), masks/ and
overlays/. All of it appears at once, when it is whole.`

export function addScreen(program: Command, run: Run): void {
  subcommand(program, 'screen', 'Screen both breasts of one woman and write the report.', EXAMPLES)
    .argument('<study>', 'a folder of images, or a study.json')
    .requiredOption('--out <folder>', 'where the report goes')
    .addOption(modalityOption())
    .addOption(modelOption())
    .addOption(prevalenceOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action((study: string, options: ScreenOptions) => run(options, (context) => screenStudy(study, options, context)))
}

async function screenStudy(
  named: string,
  { out, modality, model, prevalence, device, threads }: ScreenOptions,
  context: Context,
): Promise<ExitCode> {
  const { modelReport } = await import('#app/model-report.ts')
  const { openLandmarkFinder } = await import('#app/landmark-finder.ts')
  const { openNippleFinder } = await import('#app/nipple.ts')
  const { readStudy } = await import('#app/read-study.ts')
  const { refusalOf, screen } = await import('#app/screen.ts')
  const { openScorer } = await import('#app/scorer.ts')
  const { openSegmenter } = await import('#app/segmenter.ts')
  const { progress, signal, language } = context
  const study = await readStudy(named, { modality })
  const reason = study.intake && refusalOf(study.intake)
  if (reason !== undefined) return refuse(reason, context)
  progress.line(say(language, 'loading'))
  const onProgress = (step: Parameters<typeof showWeights>[0]) => showWeights(step, context)
  await using segmenter = await openSegmenter({ model, device, threads, signal, onProgress })
  await using nipples = openNippleFinder(() => openLandmarkFinder({ device, threads, signal, onProgress }))
  const screening = await screen(study, {
    scorer: openScorer(segmenter.model.sha256, prevalence),
    nippleFinder: nipples.find,
    ...{ segmenter, model: modelReport(segmenter.model), out, now: new Date(), language, signal },
    onProgress: ({ done, total }) => context.count('screening', done, total, 'images'),
    onUnreadable: (_, error) => context.warn(error),
  })
  progress.stop()
  return screening === undefined ? EXIT.interrupted : report(screening, context)
}

/** An expected refusal: said in the reader's language, and nothing is looked at. */
function refuse(reason: IntakeRefusal, context: Context): ExitCode {
  const words = INTAKE_REFUSAL_WORDS[reason]
  context.print(words[context.language])
  context.answer({ refused: { reason, words } })
  return EXIT.nothingDone
}

function report({ report, html, json, pdf, slip, folder }: Screening, context: Context): ExitCode {
  context.answer({ folder, html, pdf, json, slip, status: report.status, notices: report.notices })
  const { language } = context
  for (const { words } of report.notices) context.print(words[language])
  const images = [...report.sides.R.images, ...report.sides.L.images]
  for (const { file, advice } of repeats(images)) context.print(`${file}: ${advice[language]}`)
  context.tell('report', { file: pathToFileURL(html).href })
  const unread = images.filter(({ status }) => status === 'unreadable').length
  if (unread === images.length) return EXIT.nothingDone
  return unread + report.refused.length > 0 ? EXIT.someFailed : EXIT.ok
}

/** Pictures to take again while the woman is still there, and how. */
function repeats(images: Report['sides']['R']['images']) {
  return images.flatMap((image) => {
    const findings = image.status === 'read' ? image.quality : []
    return findings
      .filter(({ severity }) => severity === 'repeat')
      .map(({ code }) => ({ file: image.file, advice: QUALITY_WORDS[code].advice }))
  })
}
