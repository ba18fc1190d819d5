import { ABSENCE_WORDS, isAbsent } from '#core/absent.ts'
import type { Point } from '#core/geometry.ts'
import type { Side } from '#core/modality.ts'
import { NOTICE_WORDS } from '#core/notices.ts'
import { QUALITY_WORDS, type QualityFinding } from '#core/quality.ts'
import type { ImageReport, ReadImage, UnreadableImage } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import type { KineticPictures } from './kinetics.ts'
import { exposureLabel, joined, SIDE_LABELS } from './labels.ts'
import { both, html, Markup } from './markup.ts'
import { proposalText } from './nipple-proposal.ts'
import { FULL_TABLES_PER_IMAGE } from './tables.ts'

/** What the page shows of one image beside what the report says. */
export interface ImageAsset {
  /** The picture as a `data:` address, in any resolution. */
  readonly href: string
  /** The outline of each lesion in the order of the report, in pixels of the original image. */
  readonly outlines: readonly (readonly Point[])[]
  /** Of the breast without the pectoral muscle, as the software sees it; none where it is not drawn. */
  readonly breast?: readonly (readonly Point[])[] | undefined
  /** Of the sequence, where there is one. */
  readonly kinetics?: KineticPictures | undefined
}

export const NO_QUALITY_FINDING: Words = { zh: '质量检查未见问题', en: 'Quality check: nothing found' }

export const UNREADABLE: Words = { zh: '图像无法读取', en: 'Image unreadable' }

/** Of a picture that was not given. */
export const MADE_PICTURE: Words = {
  zh: '未提供图像：此图为基线帧的均值',
  en: 'No picture was given: this is the mean of the baseline frames',
}

const MUSCLE_WORDS: Words = {
  zh: '白色虚线：软件找到的胸大肌边缘',
  en: 'White dashed line: edge of the pectoral muscle as the software found it',
}

const BOTH: Words = { zh: '此图含双侧乳腺', en: 'The picture shows both breasts' }

const ONE_OF_BOTH: Words = {
  zh: '此图含双侧乳腺：细线为本侧，由软件在图中找到',
  en: 'The picture shows both breasts: the thin line is around the one of this side, as the software found it',
}

/** Below a picture: that it was made, and what the signs in it are. */
export function signsOf(image: ReadImage, { breast = [] }: ImageAsset): Words | undefined {
  const muscle = isAbsent(image.pectoralMuscle) ? undefined : MUSCLE_WORDS
  const told = [
    image.madePicture && MADE_PICTURE,
    image.isBilateral && (breast.length > 0 ? ONE_OF_BOTH : BOTH),
    nippleSigns(image),
    muscle,
  ].filter((words) => words !== undefined)
  if (told.length === 0) return undefined
  return { zh: told.map(({ zh }) => zh).join('；'), en: told.map(({ en }) => en).join('; ') }
}

function nippleSigns(image: ReadImage): Words | undefined {
  if (!isAbsent(image.nippleProposal)) {
    return { zh: '虚线圈：软件提出的乳头位置，未经确认', en: 'Dashed circle: nipple as proposed, unconfirmed' }
  }
  if (isAbsent(image.nipplePx)) return undefined
  if (distanceLines(image).length === 0) return { zh: '圆圈：乳头', en: 'Circle: nipple' }
  return {
    zh: '圆圈：乳头；虚线：乳头至区域中心',
    en: 'Circle: nipple; dashed line: from the nipple to the centre of a region',
  }
}

export type Assets = ReadonlyMap<string, ImageAsset>

export function imageFigure(image: ImageReport, assets: Assets): Markup {
  return image.status === 'read' ? readFigure(image, assets.get(image.id)) : unreadableFigure(image)
}

/** In place of pictures, where a side has none. */
export function emptyFigure(side: Side, isMissingView: boolean): Markup {
  return html`<div class="empty"><div><strong>${both(emptyWords(isMissingView))}</strong><br>
${both(SIDE_LABELS[side])}</div></div>`
}

export function emptyWords(isMissingView: boolean): Words {
  return isMissingView ? { zh: '缺少该体位', en: 'View missing' } : { zh: '未检查', en: 'Not imaged' }
}

function readFigure(image: ReadImage, asset: ImageAsset | undefined): Markup {
  const name = `figure-${image.id}`
  const signs = asset === undefined ? undefined : signsOf(image, asset)
  return html`<figure>
${asset !== undefined && drawing(image, asset, name)}
<figcaption><span id="${name}" class="hidden">${both(joined(SIDE_LABELS[image.side], exposureLabel(image)))}</span><span>${image.file}</span>${image.quality.length === 0 && html`<span>${both(NO_QUALITY_FINDING)}</span>`}${signs !== undefined && html`<span>${both(signs)}</span>`}</figcaption>
${qualityList(image.quality)}
<p class="said">${both(markingSentence(image))}</p>
${proposalMarkup(image)}
</figure>`
}

function proposalMarkup(image: ReadImage): Markup | undefined {
  const text = proposalText(image)
  if (text === undefined) return undefined
  const { said, entry } = text
  return html`<p class="said">${both(said)}${entry !== undefined && html` <code class="mono">${entry}</code>`}</p>`
}

/** The picture with its outlines drawn as vectors, so that they stay crisp at any size and on paper. */
function drawing(image: ReadImage, { href, outlines, breast = [] }: ImageAsset, labelledBy: string): Markup {
  const { width, height } = image.size
  const lesions = isAbsent(image.marking) ? [] : image.marking.lesions
  const textSize = Math.round(Math.max(width, height) / 26)
  return html`<svg viewBox="-0.5 -0.5 ${width} ${height}" role="img" aria-labelledby="${labelledBy}">
<image href="${href}" x="-0.5" y="-0.5" width="${width}" height="${height}" preserveAspectRatio="none"/>
${breast.map((outline) => html`<path class="breast" d="${pathOf(outline)}"/>`)}
${muscleMark(image)}
${distanceLines(image).map(([from, to]) => html`<line class="distance" x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}"/>`)}
${nippleMark(image)}
${outlines.map(
  (outline) => html`<path class="casing" d="${pathOf(outline)}"/><path class="edge" d="${pathOf(outline)}"/>`,
)}
${lesions.map(({ number }, i) => lesionNumber(number, outlines[i] ?? [{ x: 0, y: 0 }], image, textSize))}
</svg>`
}

/** A closed outline as the `d` of an SVG path. */
export function pathOf(outline: readonly Point[]): string {
  return `M${outline.map(({ x, y }) => `${x} ${y}`).join('L')}Z`
}

/** At the region's right shoulder, or its left one where the picture ends. */
function lesionNumber(number: number, outline: readonly Point[], { size }: ReadImage, textSize: number): Markup {
  const right = shoulder(outline, 1)
  const isRoom = right.x + 1.4 * textSize < size.width
  const left = shoulder(outline, -1)
  const x = isRoom ? right.x + textSize / 3 : Math.max(0, left.x - textSize)
  const y = Math.max(isRoom ? right.y : left.y, textSize)
  return html`<text class="number" x="${x}" y="${y}" font-size="${textSize}" stroke-width="${textSize / 6}" aria-hidden="true">${number}</text>`
}

/** The point of the outline farthest up and to one side. */
export function shoulder(outline: readonly Point[], direction: 1 | -1): Point {
  return outline.reduce((best, point) => (direction * (point.x - best.x) - (point.y - best.y) > 0 ? point : best))
}

function muscleMark({ pectoralMuscle }: ReadImage): Markup | undefined {
  if (isAbsent(pectoralMuscle)) return undefined
  const [upper, lower] = pectoralMuscle.edgePx
  return html`<line class="muscle" x1="${upper.x}" y1="${upper.y}" x2="${lower.x}" y2="${lower.y}"/>`
}

function nippleMark(image: ReadImage): Markup | undefined {
  const sign = nippleSign(image)
  if (sign === undefined) return undefined
  const { at, radius, isProposed } = sign
  return html`<circle class="nipple${isProposed && ' proposed'}" cx="${at.x}" cy="${at.y}" r="${radius}"/>`
}

/** The circle around a nipple, pixels of the original: dashed and wider around one that nobody confirmed. */
export function nippleSign({ nipplePx, nippleProposal, size }: ReadImage) {
  const radius = Math.max(size.width, size.height) / 70
  if (!isAbsent(nipplePx)) return { at: nipplePx, radius, isProposed: false }
  if (!isAbsent(nippleProposal)) return { at: nippleProposal.point, radius: 2 * radius, isProposed: true }
  return undefined
}

/** The distances that are measured, as lines in pixels of the original: of the regions with a table of their own. */
export function distanceLines({ nipplePx, marking }: ReadImage): (readonly [Point, Point])[] {
  if (isAbsent(nipplePx) || isAbsent(marking)) return []
  return marking.lesions.slice(0, FULL_TABLES_PER_IMAGE).map(({ centroidPx }) => [nipplePx, centroidPx] as const)
}

function qualityList(findings: readonly QualityFinding[]): Markup | undefined {
  if (findings.length === 0) return undefined
  return html`<ul class="quality">${qualityLines(findings).map(
    ({ words, isRepeat }) => html`<li${isRepeat && new Markup(' class="repeat"')}>${both(words)}</li>`,
  )}</ul>`
}

/** What is wrong with a picture, and where it should be taken again how. */
export function qualityLines(findings: readonly QualityFinding[]): { words: Words; isRepeat: boolean }[] {
  return findings.map(({ code, severity }) => {
    const { finding, advice } = QUALITY_WORDS[code]
    if (severity === 'note') return { words: finding, isRepeat: false }
    return { words: joined({ zh: '建议重拍', en: 'Repeat' }, joined(finding, advice)), isRepeat: true }
  })
}

export function markingSentence({ marking }: ReadImage): Words {
  if (isAbsent(marking)) return ABSENCE_WORDS[marking.absent]
  const count = marking.lesions.length
  if (marking.by === 'doctor') {
    return {
      zh: `医生勾画 ${count} 个区域。`,
      en: `A doctor outlined ${count === 1 ? '1 region' : `${count} regions`}.`,
    }
  }
  if (count === 0) return NOTICE_WORDS['nothing-marked']
  return {
    zh: `软件标出 ${count} 个区域。`,
    en: `The software marked ${count === 1 ? '1 region' : `${count} regions`}.`,
  }
}

function unreadableFigure(image: UnreadableImage): Markup {
  return html`<figure><div class="empty"><div><strong>${both(UNREADABLE)}</strong><br><span class="mono">${image.code}</span></div></div>
<figcaption>${image.file}</figcaption></figure>`
}
