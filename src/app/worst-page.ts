import type { Language, Words } from '#core/words.ts'
import { GALLERY_STYLE, gallery, legend, type Plate } from '#report/gallery.ts'
import { both, html, type Markup } from '#report/markup.ts'
import { renderPage } from '#report/shell.ts'
import type { Model } from '#sam/model.ts'
import type { Predictor } from '#sam/predict.ts'
import { type ImageEvaluation, outlineImage } from '#training/evaluate.ts'
import type { ImageFigure } from '#training/summary.ts'
import { classNote, drawPlate, readingOf } from './plate.ts'
import { softwareVersion } from './version.ts'

/** How many images the page of the worst shows. */
const WORST = 20

/** An evaluated image with the figure of what a user gets and the presence threshold behind it. */
export interface Judged {
  readonly evaluation: ImageEvaluation
  readonly figure: ImageFigure
  readonly threshold: number | null
}

/** Lowest Dice first; of the same Dice a lesion before an image without one. Images without a fault are left out. */
export function worstOf(judged: readonly Judged[], count = WORST): Judged[] {
  return judged
    .filter(({ figure }) => figure.dice < 1)
    .sort(({ figure: a }, { figure: b }) => a.dice - b.dice || Number(b.lesion) - Number(a.lesion))
    .slice(0, count)
}

/** Draws the worst images; their masks are made once more rather than all kept. */
export async function worstPlates(
  predictor: Predictor,
  worst: readonly Judged[],
  onDrawn: (done: number) => void,
): Promise<Plate[]> {
  const plates: Plate[] = []
  for (const { evaluation, figure, threshold } of worst) {
    const outlined = await outlineImage(predictor, evaluation.image)
    const drawing = await drawPlate(outlined.raster, outlined.truth, [{ hand: 'first', outlined, threshold }])
    plates.push({ id: figure.id, notes: [classNote(figure)], drawing, readings: [readingOf('first', figure)] })
    onDrawn(plates.length)
  }
  return plates
}

export interface WorstPage {
  readonly model: Pick<Model, 'metadata' | 'sha256'>
  readonly split: string
  readonly dataHash: string
  /** How many images were evaluated. */
  readonly images: number
  readonly plates: readonly Plate[]
  readonly language: Language
}

const HANDS = {
  doctor: { zh: '医生', en: 'Doctor' },
  first: { zh: '模型', en: 'Model' },
} as const

const HEADING: Words = { zh: '最差的图像', en: 'The worst images' }

/** The images on which a model agreed least with the doctors, as one page that needs nothing else. */
export function worstPage({ model, split, dataHash, images, plates, language }: WorstPage): string {
  const name = model.metadata.name
  return renderPage({
    title: `${name} · ${split}`,
    language,
    heading: HEADING,
    subheading: {
      zh: '按用户实际得到的轮廓与医生轮廓的一致程度（Dice）由低到高排列',
      en: "Lowest agreement (Dice) first, between the outline that a user gets and the doctor's",
    },
    facts: [
      [{ zh: '模型', en: 'Model' }, name],
      [{ zh: 'SHA-256', en: 'SHA-256' }, model.sha256.slice(0, 12)],
      [{ zh: '数据划分', en: 'Split' }, split],
      [{ zh: '已评估图像', en: 'Images evaluated' }, images],
      [{ zh: '数据指纹', en: 'Data hash' }, dataHash.slice(0, 12)],
    ],
    main: html`<section aria-labelledby="worst"><h2 id="worst">${both({ zh: `${plates.length} 幅图像`, en: plates.length === 1 ? '1 image' : `${plates.length} images` })}</h2>
<p class="note">${both({
      zh: '这些图像是因为结果差而被挑出的：它们说明模型在哪里出错，不说明出错有多频繁。分类来自数据集，不是软件的判断。',
      en: 'Chosen for being bad: they show where the model fails, not how often. Classes are those of the data, no opinion of the software.',
    })}</p>
${plates.length === 0 ? none() : html`${legend(HANDS)}${gallery('worst', plates, HANDS)}`}</section>`,
    footer: html`<p>Zaoshai ${softwareVersion} · ${name}</p>`,
    style: GALLERY_STYLE,
  })
}

function none(): Markup {
  return html`<p>${both({ zh: '所有图像与医生轮廓完全一致。', en: "Every image agrees with the doctor's outline." })}</p>`
}
