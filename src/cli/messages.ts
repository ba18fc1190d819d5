import type { Language, Words } from '#core/words.ts'

/** What the command line says to people. `{name}` is filled in. */
const MESSAGES = {
  assists: {
    en: 'Zaoshai assists; a doctor decides.',
    zh: '早筛仅供辅助，由医生作出判断。',
  },
  interrupted: {
    en: 'Interrupted. What was finished is whole; nothing is half-written.',
    zh: '已中断。已完成的结果完整无缺，没有写了一半的文件。',
  },
  stopping: {
    en: 'Stopping after the step at hand ... (Ctrl-C again to stop at once)',
    zh: '完成当前步骤后停止……（再按一次 Ctrl-C 立即停止）',
  },
  segmenting: { en: 'Segmenting', zh: '正在分割' },
  locating: { en: 'Looking for landmarks', zh: '正在定位标志点' },
  located: {
    en: 'Nipples proposed on {found} of {sides} sides of {images} images ({named} inputs), in {out}',
    zh: '{named} 个输入中有 {images} 幅图像可定位，{sides} 侧中 {found} 侧给出乳头位置建议，结果在 {out}',
  },
  toConfirm: {
    en: 'These are proposals. A doctor confirms or corrects each; no measurement uses them.',
    zh: '以上仅为位置建议，须由医生逐一确认或修正；软件的任何测量均不采用。',
  },
  assessing: { en: 'Assessing', zh: '正在评分' },
  assessed: {
    en: '{done} of {total} images assessed; the table is {out}',
    zh: '{total} 幅图像中已评分 {done} 幅，结果表为 {out}',
  },
  notAssessed: {
    en: 'Images without a score: {refused}. The column refused names the reason of each.',
    zh: '{refused} 幅图像未评分，原因逐一列于 refused 列。',
  },
  screening: { en: 'Screening', zh: '正在筛查' },
  downloading: { en: 'Base weights', zh: '基础权重' },
  converting: { en: 'Converting the base weights (once) ...', zh: '正在转换基础权重（仅此一次）……' },
  examining: { en: 'Looking at the data', zh: '正在检查数据' },
  caching: { en: 'Features of augmented views', zh: '正在计算增强视图的特征' },
  fold: { en: 'Fold {number} of {count} · ', zh: '第 {number} 折（共 {count} 折）· ' },
  training: { en: 'Epoch {epoch}', zh: '第 {epoch} 轮' },
  evaluating: { en: 'Evaluating', zh: '正在评估' },
  drawing: { en: 'Drawing pictures', zh: '正在绘图' },
  images: { en: 'images', zh: '幅图像' },
  views: { en: 'views', zh: '个视图' },
  steps: { en: 'steps', zh: '步' },
  loading: { en: 'Loading the model ...', zh: '正在载入模型……' },
  segmented: {
    en: '{done} of {total} images segmented into {out}',
    zh: '{total} 幅图像中已分割 {done} 幅，结果在 {out}',
  },
  marked: {
    en: 'Outlines on {marked} of {done} images. Where nothing is marked, this is not a negative examination.',
    zh: '{done} 幅图像中有 {marked} 幅标出轮廓。未标出轮廓不代表检查结果为阴性。',
  },
  refused: {
    en: 'Refused inputs: {refused}. errors.csv names each with its reason.',
    zh: '{refused} 个输入被拒绝，原因逐一列于 errors.csv。',
  },
  notValidated: {
    en: 'The model was not validated on mammograms without contrast agent, and nothing says that these {count} are others. A screening would give no outlines there.',
    zh: '模型未在无对比剂的乳腺X线图像上验证，而这 {count} 幅图像未注明为对比增强图像。筛查报告对此类图像不给出轮廓。',
  },
  unjudgeable: {
    en: 'Images that are blank, noise, or do not look like the kind that was named: {count}. Their masks carry no confidence, and a screening would give no outlines there: {files}',
    zh: '{count} 幅图像空白、仅为噪声或与所选影像类型不符；其掩膜不附置信度，筛查报告对此类图像不给出轮廓：{files}',
  },
  unfamiliar: {
    en: 'Images that look unlike those that the software learned from, so that masks and scores are less to be trusted: {count}: {files}',
    zh: '{count} 幅图像与软件学习所用的图像不同，其掩膜与评分的可靠性较低：{files}',
  },
  replaced: {
    en: 'Masks of an earlier run that were removed: {replaced}.',
    zh: '已删除先前运行的 {replaced} 个掩膜。',
  },
  weightsReady: {
    en: 'Base weights are ready, {millions} million parameters: {file}',
    zh: '基础权重已就绪，共 {millions} 百万参数：{file}',
  },
  epoch: {
    en: 'Epoch {epoch}: loss {loss}, Dice on training images {train}, on validation lesions {val} (IoU {iou}){best}',
    zh: '第 {epoch} 轮：损失 {loss}，训练图像 Dice {train}，验证病灶 Dice {val}（IoU {iou}）{best}',
  },
  epochBest: { en: ', the best so far', zh: '，目前最佳' },
  trained: {
    en: 'Model: {file} (epoch {best} of {epochs}). Learning curve: {curve}',
    zh: '模型：{file}（取第 {best} 轮，共 {epochs} 轮）。学习曲线：{curve}',
  },
  crossValidated: { en: 'Cross-validation: {page}', zh: '交叉验证：{page}' },
  noNormals: {
    en: 'No {modality} image without a lesion trains: the model cannot learn whether there is a lesion, and will mark a region on any {modality} image.',
    zh: '训练图像中没有无病灶的 {modality} 图像：模型无法学习是否存在病灶，会在任何 {modality} 图像上标出区域。',
  },
  leftOut: {
    en: '{count} images were left out of training: the software shows them as its example.',
    zh: '{count} 幅图像未用于训练：它们是本软件的示例图像。',
  },
  resume: {
    en: 'To go on where the last epoch ended, give the same command with --resume.',
    zh: '如需从上一轮结束处继续，请在同一命令后加 --resume。',
  },
  evaluated: { en: 'Per-image figures and the summary are in {out}', zh: '逐图数据与汇总在 {out}' },
  rowsRefused: {
    en: 'Refused manifest rows: {refused}. Each is named above.',
    zh: '{refused} 行清单被拒绝，已在上方逐一列出。',
  },
  listed: {
    en: "Of lesion images of each model's own validation set, near-duplicates left out. Models with different sets: compare them.",
    zh: '各模型在其自身验证集的病灶图像上的结果（去除近重复图像）。验证集不同的模型，请用 compare 比较。',
  },
  compared: { en: 'Comparison: {file}', zh: '比较结果：{file}' },
  calibrated: { en: 'Calibrated model: {file}', zh: '已校准的模型：{file}' },
  modelCard: { en: 'Model card: {file}', zh: '模型卡：{file}' },
  region: { en: 'Region {number}', zh: '区域 {number}' },
  madePicture: {
    en: 'No picture was given: it is the mean of the baseline frames',
    zh: '未提供图像：以基线帧的均值为图像',
  },
  standardised: { en: 'Contrast, standardised image', zh: '对比（标准化图像）' },
  report: { en: 'Report: {file}', zh: '报告：{file}' },
} as const satisfies Record<string, Words>

export type MessageKey = keyof typeof MESSAGES

/** A message in a language, its `{names}` filled in. */
export function say(
  language: Language,
  key: MessageKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return MESSAGES[key][language].replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))
}

/** The language of a terminal, as POSIX orders its variables. */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ''
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
