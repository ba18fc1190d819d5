import { z } from 'zod'
import type { Words } from './words.ts'

/** What can be wrong with a picture. */
export const QualityCode = z.enum([
  'blurred',
  'too-dark',
  'too-bright',
  'low-contrast',
  'anatomy-cut-off',
  'marks-over-tissue',
  'unfamiliar',
  'not-assessed',
])
export type QualityCode = z.infer<typeof QualityCode>

/**
 * One trouble found in a picture: `repeat` asks to take it again while the woman is there, `note` is to be known when
 * reading. `value` is what was measured, `limit` where trouble begins, both in the unit of the check; of
 * `not-assessed`, the number of checks made (0) and of those there are; of `unfamiliar`, how many looks found the picture
 * unlike those that the software learned from (1) and how many it takes to refuse it (2).
 */
export const QualityFinding = z.strictObject({
  code: QualityCode,
  severity: z.enum(['repeat', 'note']),
  value: z.number(),
  limit: z.number(),
})
export type QualityFinding = z.infer<typeof QualityFinding>

/** What is wrong, and what to do about it. */
export const QUALITY_WORDS = {
  blurred: {
    finding: { zh: '图像模糊', en: 'Blurred' },
    advice: { zh: '保持探头或受检者静止，对焦后重拍', en: 'Hold probe or patient still, focus, and repeat' },
  },
  'too-dark': {
    finding: { zh: '曝光不足或增益过低', en: 'Too dark' },
    advice: { zh: '提高增益或曝光后重拍', en: 'Raise gain or exposure and repeat' },
  },
  'too-bright': {
    finding: { zh: '曝光过度或增益过高', en: 'Too bright' },
    advice: { zh: '降低增益或曝光后重拍', en: 'Lower gain or exposure and repeat' },
  },
  'low-contrast': {
    finding: { zh: '对比度不足', en: 'Too little contrast' },
    advice: { zh: '调整动态范围或曝光后重拍', en: 'Adjust dynamic range or exposure and repeat' },
  },
  'anatomy-cut-off': {
    finding: { zh: '乳腺组织可能未完整入镜', en: 'Breast may be cut off at the border' },
    advice: { zh: '重新摆位，使组织完整入镜后重拍', en: 'Reposition so that all tissue is in view and repeat' },
  },
  'marks-over-tissue': {
    finding: { zh: '组织上有标记或文字', en: 'Marks or text over tissue' },
    advice: { zh: '去除标尺、箭头和文字后另存一幅', en: 'Save one picture more without calipers, arrows or text' },
  },
  unfamiliar: {
    finding: {
      zh: '与软件学习所用的图像不同，标注与评分的可靠性较低',
      en: 'Unlike the pictures that the software learned from: its marks and score are less to be trusted',
    },
    advice: {
      zh: '请医生查看原图，并核对部位与影像类型',
      en: 'A doctor looks at it, and checks body part and kind of picture',
    },
  },
  'not-assessed': {
    finding: { zh: '未评估图像质量', en: 'Image quality was not assessed' },
    advice: { zh: '请人工检查清晰度、曝光和范围', en: 'Check sharpness, exposure and coverage by eye' },
  },
} as const satisfies Record<QualityCode, { finding: Words; advice: Words }>
