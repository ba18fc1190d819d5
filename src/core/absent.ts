import { z } from 'zod'
import type { Words } from './words.ts'

/**
 * Why a value is not there. A value that could not be measured is absent with one of these reasons, never a default:
 * a made-up millimetre is a clinical error.
 */
export const AbsenceReason = z.enum([
  'no-pixel-spacing',
  'nipple-not-given',
  'nipple-not-confirmed',
  'nipple-given',
  'nipple-not-found',
  'silhouette-not-frontal',
  'nipple-outside-image',
  'nipple-on-other-side',
  'side-unknown',
  'view-not-given',
  'not-for-this-view',
  'orientation-not-given',
  'orientation-conflict',
  'chest-wall-not-found',
  'skin-not-seen',
  'region-outside-breast',
  'not-hung-upright',
  'pectoral-muscle-not-found',
  'not-on-subtracted-image',
  'one-view-only',
  'views-not-matched',
  'between-quadrants',
  'clock-not-entered',
  'distance-not-entered',
  'breast-width-not-given',
  'single-frame',
  'frame-times-not-given',
  'no-kinetic-protocol',
  'no-contrast-agent',
  'early-frame-not-given',
  'no-reference-region',
  'baseline-too-short',
  'too-few-frames',
  'extremum-at-end',
  'within-noise',
  'no-variation',
  'signal-not-positive',
  'motion-not-found',
  'moved-out-of-view',
  'sequence-unreadable',
  'no-mirrored-view',
  'no-mirrored-sequence',
  'mirrored-place-not-seen',
  'frame-times-differ',
  'other-side-not-imaged',
  'not-imaged',
  'unreadable',
  'modality-not-validated',
  'no-normal-training-data',
  'presence-gate-not-chosen',
  'risk-not-validated',
  'prevalence-not-stated',
  'no-lesion-marked',
  'region-too-small',
  'no-direction',
  'surroundings-not-visible',
  'drawn-over',
  'not-for-this-modality',
  'no-temperature-scale',
  'temperature-not-in-pixels',
  'temperature-implausible',
  'not-on-standardised-pixels',
  'breasts-not-alike',
  'density-not-validated',
  'echotexture-not-validated',
  'no-colour-doppler',
  'no-colour',
  'hotspots-not-validated',
  'breast-region-not-found',
  'date-not-given',
  'intake-not-given',
  'not-evaluated',
  'outlined-by-doctor',
  'confidence-not-calibrated',
  'blank-image',
  'image-is-noise',
  'not-this-modality',
  'outline-not-by-doctor',
  'word-not-validated',
])
export type AbsenceReason = z.infer<typeof AbsenceReason>

/** An expected refusal, as a value. */
export const Absent = z.strictObject({ absent: AbsenceReason }).meta({ id: 'Absent' })
export type Absent = z.infer<typeof Absent>

export function absent(reason: AbsenceReason): Absent {
  return { absent: reason }
}

export function isAbsent(value: unknown): value is Absent {
  return typeof value === 'object' && value !== null && 'absent' in value
}

/** What a person reads in place of the value. */
export const ABSENCE_WORDS = {
  'no-pixel-spacing': {
    zh: '未提供像素间距，无毫米值',
    en: 'No pixel spacing, so no millimetres',
  },
  'nipple-not-given': { zh: '未提供乳头位置', en: 'Nipple position not given' },
  'nipple-not-confirmed': {
    zh: '软件提出的乳头位置未经医生确认',
    en: 'The proposed nipple position was not confirmed by a doctor',
  },
  'nipple-given': { zh: '已给出乳头位置', en: 'The nipple position was given' },
  'nipple-not-found': {
    zh: '该侧未找到可认作乳头的部位',
    en: 'No place of this side looks enough like a nipple',
  },
  'silhouette-not-frontal': {
    zh: '身体轮廓左右不对称，不像正位图像',
    en: 'The outline of the body is not symmetric, as that of a frontal image is',
  },
  'nipple-on-other-side': { zh: '给出的乳头位于对侧乳腺', en: 'The nipple that was given lies on the other breast' },
  'nipple-outside-image': {
    zh: '所给乳头位置不在图像内',
    en: 'The nipple position that was given lies outside the image',
  },
  'side-unknown': { zh: '侧别不明', en: 'Side not known' },
  'view-not-given': { zh: '未说明投照体位', en: 'View not given' },
  'not-for-this-view': { zh: '此体位无法判断', en: 'Not told by this view' },
  'orientation-not-given': { zh: '未说明图像方位', en: 'Orientation of the image not given' },
  'orientation-conflict': {
    zh: '所给图像方位与图像不符',
    en: 'The orientation that was given does not agree with the image',
  },
  'skin-not-seen': {
    zh: '图中未能确定皮肤，或较皮肤更近处图像已截断',
    en: 'The skin was not found, or the picture ends nearer than it',
  },
  'region-outside-breast': {
    zh: '区域不在软件找到的乳腺范围内',
    en: 'The region does not lie in the breast as the software found it',
  },
  'chest-wall-not-found': { zh: '未能确定胸壁侧', en: 'The side of the chest wall was not found' },
  'not-hung-upright': { zh: '图像并非头侧朝上', en: 'The image does not hang with the head up' },
  'pectoral-muscle-not-found': { zh: '未找到胸大肌边缘', en: 'No edge of the pectoral muscle was found' },
  'not-on-subtracted-image': { zh: '减影图像上不显示', en: 'Not shown on subtracted images' },
  'one-view-only': { zh: '需 CC 与 MLO 两个体位共同判断', en: 'Needs a CC and an MLO view' },
  'views-not-matched': {
    zh: '两个体位上的区域无法一一对应',
    en: 'The regions on the two views could not be matched',
  },
  'between-quadrants': { zh: '位于象限交界', en: 'Between two quadrants' },
  'clock-not-entered': { zh: '未录入钟点位置', en: 'Clock position not entered' },
  'distance-not-entered': { zh: '未录入距乳头距离', en: 'Distance from the nipple not entered' },
  'breast-width-not-given': { zh: '未提供乳房宽度', en: 'Width of the breast not given' },
  'single-frame': { zh: '仅有单帧图像', en: 'Only one frame' },
  'frame-times-not-given': { zh: '未提供各帧时间', en: 'Frame times not given' },
  'no-kinetic-protocol': { zh: '此类影像无动态采集方案', en: 'No kinetic protocol for this kind of image' },
  'no-contrast-agent': { zh: '未使用对比剂', en: 'No contrast agent' },
  'early-frame-not-given': { zh: '未指定早期帧', en: 'Early frame not given' },
  'no-reference-region': { zh: '未标出参考区', en: 'No reference region' },
  'baseline-too-short': { zh: '基线帧不足', en: 'Baseline too short to know its noise' },
  'too-few-frames': { zh: '帧数不足', en: 'Too few frames' },
  'extremum-at-end': { zh: '记录结束时仍在变化', en: 'Still changing when the recording ended' },
  'within-noise': { zh: '变化未超出噪声', en: 'Not above the noise' },
  'no-variation': { zh: '信号无变化', en: 'No variation' },
  'signal-not-positive': { zh: '信号非正值', en: 'Signal not above zero' },
  'motion-not-found': { zh: '无法估计运动', en: 'Motion could not be estimated' },
  'moved-out-of-view': { zh: '该区域在部分帧中移出视野', en: 'Moved out of view in some frames' },
  'sequence-unreadable': {
    zh: '动态序列无法读取，或与图像大小不符',
    en: 'The sequence could not be read, or has another size than the image',
  },
  'no-mirrored-view': { zh: '对侧没有可对应的同体位图像', en: 'No matching view of the other breast' },
  'no-mirrored-sequence': {
    zh: '对侧没有同类动态序列',
    en: 'No sequence of the same kind of the other breast',
  },
  'mirrored-place-not-seen': {
    zh: '对侧对应部位在图像上不可见',
    en: 'The mirrored place is not seen in the other breast',
  },
  'frame-times-differ': {
    zh: '两侧各帧时间不一致，不作比较',
    en: 'The frames of the two breasts were taken at different times, so they are not compared',
  },
  'other-side-not-imaged': { zh: '对侧未检查', en: 'The other side was not imaged' },
  'not-imaged': { zh: '未检查', en: 'Not imaged' },
  unreadable: { zh: '图像无法读取', en: 'Image unreadable' },
  'modality-not-validated': {
    zh: '模型未在此类影像上验证，不给出自动结果',
    en: 'The model was not validated on this modality, so no automatic result',
  },
  'no-normal-training-data': {
    zh: '训练数据中没有无病灶的图像',
    en: 'No images without a lesion to learn from',
  },
  'presence-gate-not-chosen': {
    zh: '验证图像中的病灶太少，未能选定存在阈值',
    en: 'Too few validation lesions to choose a presence threshold by',
  },
  'risk-not-validated': { zh: '风险评分未经验证', en: 'Risk score not validated' },
  'prevalence-not-stated': {
    zh: '未给出当地患病率，不估计概率，也不建议分类',
    en: 'No local prevalence was stated, so no probability and no category',
  },
  'no-lesion-marked': { zh: '软件未标出病灶', en: 'The software marked no lesion' },
  'region-too-small': { zh: '区域过小，无法可靠测量', en: 'Region too small to measure reliably' },
  'no-direction': { zh: '长短轴相近，无明确方向', en: 'No clear direction' },
  'surroundings-not-visible': {
    zh: '病灶周围可见组织不足',
    en: 'Too little tissue visible around the lesion',
  },
  'drawn-over': { zh: '病灶被标尺或文字遮盖过多', en: 'Too much of the lesion is drawn over' },
  'not-for-this-modality': { zh: '不适用于此类影像', en: 'Not defined for this kind of image' },
  'no-temperature-scale': { zh: '未提供温度标度', en: 'No temperature scale given' },
  'temperature-not-in-pixels': {
    zh: '伪彩图像的像素不是温度值',
    en: 'The pixels of a coloured picture are no temperatures',
  },
  'temperature-implausible': {
    zh: '按所给标度换算的温度不合理，未采用',
    en: 'The given scale yields no temperatures of a body',
  },
  'not-on-standardised-pixels': {
    zh: '仅在原始像素上测量',
    en: 'Measured on the original pixels alone',
  },
  'breasts-not-alike': {
    zh: '两侧乳腺轮廓差异过大，无法配准',
    en: 'The outlines of the breasts differ too much to be laid on each other',
  },
  'density-not-validated': {
    zh: '软件的致密度估计未达到验证要求，由医生录入',
    en: "The software's estimate of density did not pass validation: a doctor enters it",
  },
  'echotexture-not-validated': {
    zh: '软件的背景回声判断未经验证，由医生录入',
    en: 'The software does not judge echotexture: a doctor enters it',
  },
  'no-colour-doppler': { zh: '未提供彩色多普勒图像', en: 'No colour Doppler image' },
  'no-colour': { zh: '图像没有彩色像素', en: 'The picture has no colour' },
  'hotspots-not-validated': {
    zh: '热点检测未达到验证要求，不输出',
    en: 'The detection of hot spots did not pass validation and is not given',
  },
  'breast-region-not-found': { zh: '未能分出乳腺区域', en: 'The breast could not be told from the background' },
  'date-not-given': { zh: '未提供检查日期', en: 'Examination date not given' },
  'outlined-by-doctor': { zh: '轮廓由医生勾画', en: 'Outlined by a doctor' },
  'intake-not-given': { zh: '未提供问诊信息', en: 'No answers about the woman were given' },
  'not-evaluated': { zh: '未做评估', en: 'Not evaluated' },
  'confidence-not-calibrated': {
    zh: '模型未附经验证的置信度',
    en: 'The model carries no validated confidence',
  },
  'blank-image': { zh: '图像空白，无法判读', en: 'The image is blank and cannot be judged' },
  'image-is-noise': {
    zh: '图像仅为噪声，无法判读',
    en: 'The image shows noise alone and cannot be judged',
  },
  'not-this-modality': {
    zh: '图像与所申报的影像类型不符，软件不作判读',
    en: 'The image does not look like the kind that it was offered as, so it is not judged',
  },
  'outline-not-by-doctor': {
    zh: '仅在医生勾画的轮廓上给出；软件轮廓不足以支持该描述用语',
    en: "Told of a doctor's outline alone: the software's does not carry this word",
  },
  'word-not-validated': {
    zh: '此类影像上未通过验证，由医生判断',
    en: 'Did not pass validation on this kind of image: a doctor gives the word',
  },
} as const satisfies Record<AbsenceReason, Words>

/** Reasons for which an image as a whole is not judged. Its side then counts as not examined. */
const UNJUDGEABLE: readonly AbsenceReason[] = ['blank-image', 'image-is-noise', 'not-this-modality']

export function isUnjudgeable(value: unknown): value is Absent {
  return isAbsent(value) && UNJUDGEABLE.includes(value.absent)
}
