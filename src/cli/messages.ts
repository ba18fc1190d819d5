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
  segmented: {
    en: '{done} of {total} images segmented into {out}',
    zh: '{total} 幅图像中已分割 {done} 幅，结果在 {out}',
  },
  marked: {
    en: 'Outlines on {marked} images. Where nothing is marked, this is not a negative examination.',
    zh: '{marked} 幅图像上有轮廓。未标出轮廓不代表检查结果为阴性。',
  },
  refused: {
    en: '{refused} inputs were refused; errors.csv names each with its reason.',
    zh: '{refused} 个输入被拒绝，原因逐一列于 errors.csv。',
  },
  replaced: {
    en: '{replaced} masks of an earlier run were replaced.',
    zh: '已替换先前运行的 {replaced} 个掩膜。',
  },
  weightsReady: {
    en: 'Base weights are ready, {millions} million parameters: {file}',
    zh: '基础权重已就绪，共 {millions} 百万参数：{file}',
  },
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
