import { type Absent, absent, isAbsent } from '#core/absent.ts'
import type { Side } from '#core/modality.ts'
import type { ImageReport } from '#core/report.ts'
import type { HighestScore } from '#core/score.ts'

/** Of the regions of a side the most suspicious one, or why there is none. */
export function highestScore(side: Side, images: readonly ImageReport[]): HighestScore | Absent {
  if (images.length === 0) return absent('not-imaged')
  const read = images.filter((image) => image.status === 'read')
  if (read.length === 0) return absent('unreadable')
  const scores: HighestScore[] = []
  const reasons: Absent[] = []
  for (const { id, modality, marking } of read) {
    const lesions = isAbsent(marking) ? [] : marking.lesions
    for (const { number, score } of lesions) {
      if (isAbsent(score)) reasons.push(score)
      else
        scores.push({ score: score.score, band: score.band, side, image: id, lesion: number, estimate: score.estimate })
    }
    if (isAbsent(marking)) reasons.push(modality === 'US' ? marking : absent('risk-not-validated'))
    else if (lesions.length === 0) reasons.push(absent(modality === 'US' ? 'no-lesion-marked' : 'risk-not-validated'))
  }
  // Of several reasons the first that is no matter of another modality: of an ultrasound, where there is one.
  const reason = reasons.find(({ absent: why }) => why !== 'risk-not-validated') ?? reasons[0]
  return scores.length > 0 ? scores.reduce((a, b) => (b.score > a.score ? b : a)) : reason!
}

/** The woman's is that of her worse side; that a side has none is told beside it. */
export function worseOf(right: HighestScore | Absent, left: HighestScore | Absent): HighestScore | Absent {
  if (isAbsent(right)) return left
  return isAbsent(left) || right.score >= left.score ? right : left
}
