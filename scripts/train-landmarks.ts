/**
 * Trains the landmark models on the develop part of a folder of marked thermograms and writes them to models/:
 * `node scripts/train-landmarks.ts ../shared/data/thermo_landmarks`. With `--folds` it cross-validates on that
 * part instead and writes nothing. With `--test` it measures the models that come with the software on the test
 * part, which is to be looked at once. With `--foreign` it counts how many of the oblique and lateral images of that
 * folder, and of the images of any other folder with a manifest.csv that is named, get a proposal.
 */

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import { readMarkedThermograms } from '#app/landmark-data.ts'
import {
  crossValidate,
  locateAll,
  markedBreasts,
  refusalFigures,
  seeThermograms,
  stepErrors,
  trainLandmarks,
} from '#app/landmark-evaluation.ts'
import { openLandmarkFinder } from '#app/landmark-finder.ts'
import { LANDMARK_MODEL, landmarkModelBytes, readLandmarkModel } from '#app/landmark-model.ts'
import { isAbsent } from '#core/absent.ts'
import type { GreyImage } from '#core/image.ts'
import { writeWhole } from '#disk/durable.ts'
import { decodeImage } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { openNippleMap } from '#sam/nipple-head.ts'
import { loadBaseWeights } from '#sam/weights.ts'
import { landmarkFigures } from '#training/landmark-figures.ts'
import { usage } from './usage.ts'

const SEED = 1

const [folder, ...others] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
if (folder === undefined) usage('Name the folder that holds manifest.csv and boxes.csv.')
const is = (option: string) => process.argv.includes(option)

if (is('--foreign')) {
  for (const view of ['frontal', 'oblique', 'lateral']) {
    const parts = view === 'frontal' ? (['develop'] as const) : (['develop', 'test'] as const)
    for (const part of parts) {
      await countProposals(
        `${view}, ${part}`,
        (await readMarkedThermograms(folder, { part, view })).map(({ image }) => image),
      )
    }
  }
  for (const other of others) await countProposals(path.basename(other), await imagesOf(other))
  process.exit()
}

const base = await loadBaseWeights()
await using map = await openNippleMap(base)
if (is('--test')) {
  const test = await seeThermograms(await readMarkedThermograms(folder, { part: 'test' }), map)
  report(locateAll(test, await readLandmarkModel()))
} else {
  const develop = await seeThermograms(await readMarkedThermograms(folder, { part: 'develop' }), map)
  if (is('--folds')) report(crossValidate(develop, SEED))
  else {
    const facts = { images: develop.length, breasts: markedBreasts(develop).length, seed: SEED, part: 'develop' }
    const written = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, String(fact)]))
    const model = { ...trainLandmarks(develop, SEED), baseSha256: base.id }
    await writeWhole(LANDMARK_MODEL, landmarkModelBytes(model, written))
    console.log('trained', facts)
  }
}

function report(located: ReturnType<typeof locateAll>): void {
  for (const [step, errors] of Object.entries(stepErrors(located))) console.log(step, landmarkFigures(errors))
  const { peaks, symmetries } = refusalFigures(located)
  console.log('lowest peaks', peaks.slice(0, 8), 'lowest symmetries', symmetries.slice(0, 4))
}

async function countProposals(name: string, images: readonly GreyImage[]): Promise<void> {
  await using finder = await openLandmarkFinder()
  let [any, sides] = [0, 0]
  for (const image of images) {
    const found = await finder.find(image)
    const count = isAbsent(found) ? 0 : [found.R, found.L].filter((side) => !isAbsent(side)).length
    any += count > 0 ? 1 : 0
    sides += count
  }
  console.log(name, { images: images.length, withProposal: any, sides })
}

async function imagesOf(other: string): Promise<GreyImage[]> {
  const rows: { image: string }[] = parse(await readFile(path.join(other, 'manifest.csv')), {
    columns: true,
    bom: true,
  })
  return Promise.all(
    rows.map(async ({ image }) => toGrey(await decodeImage(await readFile(path.join(other, image)), image))),
  )
}
