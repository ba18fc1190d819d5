/**
 * Trains the landmark model on the develop part of a folder of marked thermograms and writes it to models/:
 * `node scripts/train-landmarks.ts ../shared/data/thermo_landmarks`. With `--folds` it cross-validates on that
 * part instead and writes nothing. With `--test` it also reports the test part, which
 * is to be looked at once.
 */

import { readMarkedThermograms } from '#app/landmark-data.ts'
import {
  crossValidate,
  landmarkErrors,
  markedBreasts,
  stepErrors,
  weakerConfidences,
} from '#app/landmark-evaluation.ts'
import { LANDMARK_MODEL, landmarkModelBytes, readLandmarkModel } from '#app/landmark-model.ts'
import { writeWhole } from '#disk/durable.ts'
import { landmarkFigures } from '#training/landmark-figures.ts'
import { trainCascade } from '#training/landmark-training.ts'
import { usage } from './usage.ts'

const SEED = 1

const [folder] = process.argv.slice(2)
if (folder === undefined) usage('Name the folder that holds manifest.csv and boxes.csv.')
const develop = await readMarkedThermograms(folder, { part: 'develop' })
if (process.argv.includes('--folds')) {
  const held = crossValidate(develop, SEED)
  for (const [step, errors] of Object.entries(stepErrors(held))) console.log(step, landmarkFigures(errors))
  const confidences = weakerConfidences(held)
  const least = confidences[Math.floor(0.05 * confidences.length)]
  console.log('greatest least confidence that 95 % pass', least, 'of', confidences.length)
  process.exit()
}
const breasts = markedBreasts(develop)
const facts = { images: String(develop.length), breasts: String(breasts.length), seed: String(SEED), part: 'develop' }
await writeWhole(LANDMARK_MODEL, landmarkModelBytes(trainCascade(breasts, SEED), facts))
console.log('trained', facts)
const stages = await readLandmarkModel()
if (process.argv.includes('--test')) {
  const errors = landmarkErrors(await readMarkedThermograms(folder, { part: 'test' }), stages)
  console.log('test', landmarkFigures(errors))
}
console.log('develop, resubstituted', landmarkFigures(landmarkErrors(develop, stages)))
