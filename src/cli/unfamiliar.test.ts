import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import type { AssessedRow, Assessment } from '#app/assess.ts'
import type { Segmentation } from '#app/segment.ts'
import { absent } from '#core/absent.ts'
import type { LesionScore } from '#core/score.ts'
import { EXIT } from './exit-codes.ts'
import { main } from './main.ts'
import { say } from './messages.ts'

/** What the use cases answer of the images that a test names: each with two regions, but for one without any. */
const answers = vi.hoisted(() => ({ unfamiliar: [] as string[], unmarked: 'c.png', familiar: ['d.png'] }))

vi.mock('#app/assess.ts', () => ({
  assess: async (): Promise<Assessment> => {
    const { unfamiliar, familiar, unmarked } = answers
    const scored: LesionScore = {
      score: 40,
      band: 'moderate',
      logit: 0,
      reasons: [],
      estimate: absent('prevalence-not-stated'),
    }
    const rows = [...unfamiliar, ...familiar].flatMap((file): AssessedRow[] => {
      const judged = unfamiliar.includes(file) ? 'unfamiliar' : 'judgeable'
      if (file === unmarked) return [{ file, judged, lesion: null }]
      return [1, 2].map((lesion) => ({ file, judged, lesion, scored }))
    })
    return { rows, images: unfamiliar.length + familiar.length, refused: 0, interrupted: false }
  },
}))
vi.mock('#app/segment.ts', () => ({
  segment: async (): Promise<Segmentation> => {
    const { unfamiliar, familiar } = answers
    const predictions = [...unfamiliar, ...familiar].map((file) => ({
      ...{ file, presence: 0.75, lesions: 2, areaPx: 64, milliseconds: 9, expectedDice: 0.7 },
      outlines: [],
    }))
    const none = { refused: [], notValidated: [], unjudgeable: [], replaced: 0, interrupted: false }
    return { predictions, unfamiliar, ...none, named: predictions.length }
  },
}))

const NOTICE = say('en', 'unfamiliar', { count: '', files: '' }).split(':')[0]!

/** The lines that name an image or say that some look unfamiliar. */
async function told(command: string, unfamiliar: string[]) {
  answers.unfamiliar = unfamiliar
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const terminal = { stdout, stderr: stderr as unknown as NodeJS.WriteStream, env: { LANG: 'C' } }
  const code = await main([command, 'images', '--out', 'results', '--modality', 'US'], terminal)
  stdout.end()
  stderr.end()
  const [lines] = await printed
  return { code, ofImages: lines.split('\n').filter((line) => line.includes('.png') || line.startsWith(NOTICE)) }
}

test.each(['segment', 'assess'])(
  '%s names each image that looks unfamiliar once, however many regions it has, and no other',
  async (command) => {
    const line = say('en', 'unfamiliar', { count: 3, files: 'a.png, b.png, c.png' })
    expect(await told(command, ['a.png', 'b.png', 'c.png'])).toEqual({ code: EXIT.ok, ofImages: [line] })
    expect(await told(command, [])).toEqual({ code: EXIT.ok, ofImages: [] })
  },
)
