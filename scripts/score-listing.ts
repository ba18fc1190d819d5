import type { CountedShare, ScoreFigures, ScoreModel } from '#assessment/score-model.ts'

/** The score's file for a reader of the model card: its terms, its figures, its calibration. */
export function scoreListing(model: ScoreModel): string {
  const { malignant, benign } = model.provenance.trainLesions
  return [
    `Learned from ${malignant} malignant and ${benign} benign lesions; penalty ${model.provenance.lambda}, intercept ${model.intercept.toFixed(2)}.`,
    ...model.notes,
    '',
    '| term | mean | sd | coefficient |',
    '|---|---|---|---|',
    ...model.terms.map(
      ({ term, mean, sd, coefficient }) =>
        `| ${term} | ${mean.toFixed(3)} | ${sd.toFixed(3)} | ${coefficient.toFixed(2)} |`,
    ),
    '',
    '| images | malignant (missed) | benign | AUC [95% DeLong] | sensitivity | specificity | images without a lesion at or above it |',
    '|---|---|---|---|---|---|---|',
    ...model.figures.map(figureRow),
    '',
    `Calibration on ${model.calibration.lesions} lesions of val, ${percent(model.calibration.prevalence)} of them malignant; cross-fitted (five folds, dealt twenty times), mean distance of expected from observed share ${model.reliability.expectedCalibrationError.toFixed(3)}:`,
    '',
    '| lesions | expected | observed |',
    '|---|---|---|',
    ...model.reliability.bins.map(
      ({ lesions, expected, observed }) => `| ${lesions} | ${percent(expected)} | ${counted(observed)} |`,
    ),
    '',
  ].join('\n')
}

function figureRow({ set, malignant, missedMalignant, benign, auc, aucInterval95, ...shares }: ScoreFigures): string {
  const area =
    auc === null || aucInterval95 === null
      ? '–'
      : `${auc.toFixed(3)} [${aucInterval95.low.toFixed(3)}, ${aucInterval95.high.toFixed(3)}]`
  const { sensitivity, specificity, normalsAbove } = shares
  const cells = [sensitivity, specificity, normalsAbove].map((share) => (share === null ? '–' : counted(share)))
  return `| ${set} | ${malignant} (${missedMalignant}) | ${benign} | ${area} | ${cells.join(' | ')} |`
}

/** 33 of 40 = 82.5% [67.2, 92.7]. */
function counted({ count, of, interval95: { low, high } }: CountedShare): string {
  return `${count} of ${of} = ${percent(count / of)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}
