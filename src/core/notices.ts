import { z } from 'zod'
import type { Modality } from './modality.ts'
import type { Words } from './words.ts'

/** What a report has to say beside its numbers. */
export const NoticeCode = z.enum([
  'referral-advised',
  'assists',
  'nothing-marked',
  'incomplete',
  'mammography-limits',
  'modality-not-validated',
  'uncalibrated',
  'side-unresolved',
  'unreadable-images',
  'not-judged',
  'unfamiliar-images',
  'repeat-advised',
  'outside-validation',
])
export type NoticeCode = z.infer<typeof NoticeCode>

/**
 * Every sentence that the software may say of an examination as a whole. The word negative stands in one of them, to
 * deny it.
 */
export const NOTICE_WORDS = {
  'referral-advised': {
    zh: '受检者的症状或病史提示须转诊至专科，无论图像结果或评分如何。',
    en: 'What the woman reports asks for referral to a specialist, whatever the images or a score say.',
  },
  assists: {
    zh: '本软件仅供辅助，结论由医生作出。软件的标注可能遗漏病灶，也可能标出并非病灶的区域。',
    en: 'This software assists; a doctor decides. Its outlines may miss a lesion, or mark what is none.',
  },
  'nothing-marked': {
    zh: '软件未标出任何区域；这不等于阴性检查。',
    en: 'The software marked nothing; this is not a negative examination.',
  },
  incomplete: {
    zh: '本次检查不完整。未检查、被拒收或无法读取的一侧不能视为已检查。',
    en: 'This examination is incomplete. A side not imaged, refused or unreadable has not been examined.',
  },
  'mammography-limits': {
    zh: '乳腺X线图像上的轮廓不涉及钙化、结构扭曲和淋巴结，须由医生判读。',
    en: 'An outline on a mammogram says nothing of calcifications, architectural distortion or nodes; a doctor must read them.',
  },
  'modality-not-validated': {
    zh: '部分图像的类型未经模型验证，软件未作自动标注。',
    en: 'Some images are of a kind on which the model was not validated; the software did not mark them.',
  },
  uncalibrated: {
    zh: '部分图像未提供像素间距，其测量值以像素表示，未经校准。',
    en: 'Some images came without pixel spacing: their measurements are in pixels, uncalibrated.',
  },
  'side-unresolved': {
    zh: '部分图像的左右侧不明或互相矛盾，须由知情人员确认后方可使用。',
    en: 'Some images name no side, or contradict themselves; a person who knows must settle it before they are used.',
  },
  'unreadable-images': {
    zh: '部分图像无法读取，未作任何评估。',
    en: 'Some images could not be read and were not looked at in any way.',
  },
  'not-judged': {
    zh: '部分图像无法判读，或与所申报的影像类型不符，软件未作标注和评分；所在一侧不能视为已检查，须由医生查看或重新采集。',
    en: 'Some images cannot be judged or do not look like the kind that they were offered as: the software neither marked nor scored them. Their side has not been examined; a doctor must look at them, or they must be taken again.',
  },
  'unfamiliar-images': {
    zh: '部分图像与软件学习所用的图像不同（设备、部位或影像类型可能不同）；软件仍作了标注，但其标注与评分的可靠性较低，须由医生查看原图。',
    en: 'Some images look unlike those that the software learned from (another device, body part or kind of picture): they were marked all the same, but marks and scores are less to be trusted there, and a doctor must look at the pictures.',
  },
  'outside-validation': {
    zh: '受检者有乳房假体、乳房手术史，或处于妊娠、哺乳期：软件未在此类乳腺上验证。',
    en: 'An implant, earlier breast surgery, pregnancy or lactation: the software was not validated on such breasts.',
  },
  'repeat-advised': {
    zh: '部分图像质量不足，建议在受检者离开前重拍。',
    en: 'The quality of some images is poor: repeat them while the woman is still there.',
  },
} as const satisfies Record<NoticeCode, Words>

export const MODALITY_WORDS = {
  US: { zh: '超声', en: 'Ultrasound' },
  MG: { zh: '乳腺X线摄影', en: 'Mammography' },
  TG: { zh: '红外热成像', en: 'Thermography' },
  OT: { zh: '光学成像', en: 'Optical imaging' },
} as const satisfies Record<Modality, Words>
