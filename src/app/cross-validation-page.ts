import type { Language, Words } from '#core/words.ts'
import { both, html, type Markup } from '#report/markup.ts'
import { renderPage } from '#report/shell.ts'
import { printNumber } from '#report/tables.ts'
import { CROSS_VALIDATION_NOTE, type CrossValidation } from '#training/cross-validation.ts'
import type { PresenceGate } from '#training/presence-gate.ts'
import type { FigureSet } from '#training/summary.ts'
import { softwareVersion } from './version.ts'

export interface CrossValidationPage {
  readonly crossValidation: CrossValidation
  readonly dataHash: string
  readonly language: Language
}

const AUC: Words = { zh: '存在评分 AUC', en: 'Presence AUC' }

/** A cross-validation as one page that needs nothing else. */
export function crossValidationPage({ crossValidation, dataHash, language }: CrossValidationPage): string {
  const { folds, spread, outOfFold, presenceGate } = crossValidation
  const images = folds.reduce((sum, fold) => sum + fold.images, 0)
  return renderPage({
    title: `${folds.length}-fold`,
    language,
    heading: { zh: `${folds.length} 折交叉验证`, en: `${folds.length}-fold cross-validation` },
    subheading: CROSS_VALIDATION_NOTE,
    facts: [
      [{ zh: '图像', en: 'Images' }, images],
      [{ zh: '数据指纹', en: 'Data hash' }, dataHash.slice(0, 12)],
    ],
    main: html`<section aria-labelledby="all"><h2 id="all">${both({ zh: '全部图像', en: 'All images' })}</h2>
${outOfFoldTable(outOfFold)}
${Object.entries(presenceGate).map(([modality, gate]) => html`<p class="note">${both(gateSentence(modality, gate))}</p>`)}</section>
<section aria-labelledby="folds"><h2 id="folds">${both({ zh: '各折', en: 'Fold by fold' })}</h2>
<div class="scroll" tabindex="0" role="group" aria-labelledby="folds"><table><thead><tr>${[
      heading({ zh: '折', en: 'Fold' }),
      ...[
        { zh: '图像', en: 'Images' },
        { zh: '病灶图像', en: 'Lesion images' },
        { zh: '最佳轮次', en: 'Best epoch' },
      ].map(value),
      ...[{ zh: 'Dice', en: 'Dice' }, { zh: 'IoU', en: 'IoU' }, AUC].map(value),
    ]}</tr></thead><tbody>
${folds.map((fold) => row(String(fold.fold), [fold.images, fold.lesions, fold.bestEpoch + 1], [fold.dice, fold.iou, fold.presenceAuc]))}
${row(both({ zh: '平均', en: 'Mean' }), ['', '', ''], [spread.dice.mean, spread.iou.mean, spread.presenceAuc?.mean ?? null])}
${row(both({ zh: '标准差', en: 'Standard deviation' }), ['', '', ''], [spread.dice.sd, spread.iou.sd, spread.presenceAuc?.sd ?? null])}
</tbody></table></div></section>`,
    footer: html`<p>Zaoshai ${softwareVersion}</p>`,
  })
}

function heading(words: Words): Markup {
  return html`<th scope="col">${both(words)}</th>`
}

function value(words: Words): Markup {
  return html`<th scope="col" class="value">${both(words)}</th>`
}

function row(name: string | Markup, counts: readonly (string | number)[], figures: readonly (number | null)[]): Markup {
  const cells = [...counts, ...figures.map((figure) => (figure === null ? '–' : printNumber(figure, 3)))]
  return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="value">${cell}</td>`)}</tr>`
}

/** Lesion images and presence, with and without near-duplicates, of all modalities and of each. */
function outOfFoldTable({ headline, allRows, perModality }: CrossValidation['outOfFold']): Markup {
  const modalities = Object.entries(perModality)
  const rows: readonly (readonly [Words, FigureSet])[] = [
    [{ zh: '去除近似重复图像', en: 'Near-duplicates left out' }, headline],
    [{ zh: '全部图像', en: 'All images' }, allRows],
    ...(modalities.length > 1 ? modalities : []).map(([name, of]) => [{ zh: name, en: name }, of.headline] as const),
  ]
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="all"><table><thead><tr>${heading({ zh: '图像', en: 'Images' })}${[
    { zh: '病灶图像', en: 'Lesion images' },
    { zh: 'Dice（95% 区间）', en: 'Dice (95% interval)' },
    { zh: 'IoU（95% 区间）', en: 'IoU (95% interval)' },
    { zh: '存在评分 AUC（95% 区间）', en: 'Presence AUC (95% interval)' },
  ].map(value)}</tr></thead><tbody>
${rows.map(([name, { lesionImages, presenceAuc }]) => {
  const dice = lesionImages && interval(lesionImages.dice.mean, lesionImages.dice.interval95)
  const iou = lesionImages && interval(lesionImages.iou.mean, lesionImages.iou.interval95)
  const auc = presenceAuc && interval(presenceAuc.auc, presenceAuc.interval95)
  return row(both(name), [lesionImages?.images ?? 0, dice ?? '–', iou ?? '–', auc ?? '–'], [])
})}
</tbody></table></div>`
}

/** What the presence threshold keeps and calls of the images that it was not chosen on. */
function gateSentence(modality: string, { threshold, allRows: { lesionsKept, normalsCalled } }: PresenceGate): Words {
  const share = (of: typeof lesionsKept) => (of === null ? '–' : `${of.counted}/${of.images}`)
  const at = threshold.toPrecision(3)
  return {
    zh: `${modality}：存在评分阈值 ${at}，保留病灶图像 ${share(lesionsKept)}，误标无病灶图像 ${share(normalsCalled)}。`,
    en: `${modality}: a presence threshold of ${at} keeps ${share(lesionsKept)} images with a lesion and calls ${share(normalsCalled)} without one.`,
  }
}

function interval(value: number, bounds: { readonly low: number; readonly high: number } | null): string {
  const between = bounds === null ? '' : ` (${printNumber(bounds.low, 3)}–${printNumber(bounds.high, 3)})`
  return `${printNumber(value, 3)}${between}`
}
