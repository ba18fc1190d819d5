/** From an image whose mask is known to its report: features, assessment, JSON and page; and the same on paper. */
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { modelReport } from '#app/model-report.ts'
import { readStudy } from '#app/read-study.ts'
import { openScorer } from '#app/scorer.ts'
import { screenImage } from '#app/screen-image.ts'
import { openSegmenter } from '#app/segmenter.ts'
import { absent } from '#core/absent.ts'
import { decodeImage } from '#imaging/decode.ts'
import { composeReport } from '#report/compose.ts'
import { renderHtml } from '#report/page.ts'
import { print } from '#report/print.ts'
import { reportPaper } from '#report/report-paper.ts'
import { median } from './turns.ts'

const EXAMPLES = resolve(import.meta.dirname, '../examples')
const STUDIES = ['ultrasound-one-side', 'cesm-p313']
/** What is promised on two cores. */
const LIMITS = { pageMs: 300, paperMs: 3000 }

export async function benchReport({ quick }: { readonly quick: boolean }): Promise<void> {
  console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}`)
  await using segmenter = await openSegmenter({})
  const scorer = openScorer(segmenter.model.sha256)
  for (const name of STUDIES) {
    const study = await readStudy(join(EXAMPLES, name))
    const image = study.images[0]!
    const bytes = readFileSync(image.path)
    const standardised = segmenter.standardise(await decodeImage(bytes, image.file), image.modality)
    const found = await segmenter.segment(standardised, image.modality)
    const given = {
      segment: async () => found,
      sequence: absent('single-frame'),
      proposeNipple: async () => absent('not-evaluated'),
      score: (region: Parameters<typeof scorer>[1]) => scorer(image.modality, region),
    }
    const [pages, papers]: [number[], number[]] = [[], []]
    // the first turn loads what later ones find loaded
    for (let turn = 0; turn <= (quick ? 3 : 10); turn++) {
      const began = performance.now()
      const { report: one, asset } = await screenImage(bytes, image, 'image', given, segmenter)
      const report = composeReport({
        ...{ study, softwareVersion: 'bench', createdAt: new Date(), model: modelReport(segmenter.model) },
        ...{ images: [one], refused: [], comparison: absent('other-side-not-imaged') },
      })
      const assets = new Map([[one.id, asset]])
      const written = JSON.stringify(report, null, 2) + renderHtml(report, assets, { language: 'zh' })
      const drawn = performance.now()
      await print(reportPaper(report, assets, { language: 'zh' }))
      if (turn > 0 && written !== '') {
        pages.push(drawn - began)
        papers.push(performance.now() - drawn)
      }
    }
    console.log(
      `${name}: image of ${standardised.frame.original.width}x${standardised.frame.original.height}, ${found.regions.length} regions: ` +
        `page ${median(pages).toFixed(0)} ms (limit ${LIMITS.pageMs}), paper ${median(papers).toFixed(0)} ms (limit ${LIMITS.paperMs})`,
    )
  }
}
