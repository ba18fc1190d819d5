import { ABSENCE_WORDS, type AbsenceReason, isAbsent } from '#core/absent.ts'
import type { ReadImage } from '#core/report.ts'
import type { Words } from '#core/words.ts'
import { printScore } from './tables.ts'

/** What is said below a picture of a nipple that the software proposes. */
export interface ProposalText {
  readonly said: Words
  /** What a doctor who agrees copies into the image's entry of `study.json`. */
  readonly entry?: string
}

/** Of an image on which a nipple might have been proposed: a reader asks where it is. */
const REFUSALS: readonly AbsenceReason[] = [
  'nipple-not-found',
  'not-this-modality',
  'silhouette-not-frontal',
  'breast-region-not-found',
  'chest-wall-not-found',
  'view-not-given',
]

/** Undefined where a nipple was given, and on images of which none is proposed. */
export function proposalText({ nippleProposal, marking, side, isBilateral }: ReadImage): ProposalText | undefined {
  if (isAbsent(nippleProposal)) {
    const { absent } = nippleProposal
    const isSaidOfTheImage = isAbsent(marking) && marking.absent === absent
    if (isSaidOfTheImage || !REFUSALS.includes(absent)) return undefined
    const { zh, en } = ABSENCE_WORDS[absent]
    return { said: { zh: `未提出乳头位置：${zh}。`, en: `No nipple proposed: ${en}.` } }
  }
  const { point, confidence, validated } = nippleProposal
  const printed = printScore(confidence)
  const place = `{ "x": ${point.x}, "y": ${point.y} }`
  const zh = validated ? '' : '此方法未在此类影像上经医生标注验证。'
  const en = validated ? '' : ' The method was not validated on this kind of image.'
  return {
    said: {
      zh: `乳头位置由软件提出，未经确认，可信度 ${printed}（0 至 1，不是概率）；${zh}不据此测量任何距离。医生认可后（或修正后）填入 study.json：`,
      en: `Nipple proposed by the software, unconfirmed; confidence ${printed} (0 to 1, no probability).${en} No distance is measured from it. A doctor who agrees enters it, or a corrected one, in study.json:`,
    },
    entry: `"nipplePx": ${isBilateral ? `{ "${side}": ${place} }` : place}`,
  }
}
