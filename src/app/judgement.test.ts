import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import { decodeImage } from '#imaging/decode.ts'
import type { FirstLook } from '#imaging/judgeable.ts'
import { readModelFile } from '#sam/model.ts'
import { IMPRESSION, type PictureLook } from '#sam/picture-look.ts'
import { judgementOf, openWitness, readPictureLook, type SecondLook } from './judgement.ts'
import { type ModelSegmenter, openSegmenter } from './segmenter.ts'

const LOOKS = ['judgeable', 'doubtful', 'unlike'] as const satisfies readonly FirstLook[]
const SECOND = ['alike', 'doubtful', 'unlike'] as const satisfies readonly SecondLook[]
const WITNESSES = [...SECOND, undefined]
const TRUST = { refused: 0, unfamiliar: 1, judgeable: 2 }
const trustOf = (first: FirstLook, second: SecondLook | undefined) => {
  const judged = judgementOf(first, second)
  return TRUST[isAbsent(judged) ? 'refused' : judged]
}

describe('both looks together', () => {
  test('what shows nothing is refused for that reason, whatever the trunk says', () => {
    for (const reason of ['blank-image', 'image-is-noise', 'not-this-modality'] as const) {
      for (const second of WITNESSES) expect(judgementOf(absent(reason), second)).toEqual(absent(reason))
    }
  })

  test('a picture of anything is refused only where both looks are against it, the trunk clearly', () => {
    for (const first of LOOKS) {
      for (const second of SECOND) {
        const bothAgainst = first !== 'judgeable' && second === 'unlike'
        expect(trustOf(first, second) === TRUST.refused, `${first}, ${second}`).toBe(bothAgainst)
      }
    }
  })

  test('it is judged without a notice only where neither is', () => {
    expect(judgementOf('judgeable', 'alike')).toBe('judgeable')
    expect(judgementOf('judgeable', undefined)).toBe('judgeable')
    expect(judgementOf('judgeable', 'doubtful')).toBe('unfamiliar')
    expect(judgementOf('judgeable', 'unlike')).toBe('unfamiliar')
    expect(judgementOf('unlike', 'alike')).toBe('unfamiliar')
  })

  test('a worse look never makes a picture more trusted', () => {
    for (const second of WITNESSES) {
      const trusts = LOOKS.map((first) => trustOf(first, second))
      expect(trusts).toEqual(trusts.toSorted((a, b) => b - a))
    }
    for (const first of LOOKS) {
      const trusts = SECOND.map((second) => trustOf(first, second))
      expect(trusts).toEqual(trusts.toSorted((a, b) => b - a))
    }
  })

  test('with no second witness the first alone refuses what is unlike, and only notes what is doubtful', () => {
    expect(judgementOf('unlike', undefined)).toEqual(absent('not-this-modality'))
    expect(judgementOf('doubtful', undefined)).toBe('unfamiliar')
  })
})

describe('the look that comes with the software', () => {
  test('was made with the model that comes with it', async () => {
    expect(readPictureLook().modelSha256).toBe((await readModelFile()).sha256)
  })

  test('says nothing of what another model saw, and nothing of another modality', () => {
    const { modelSha256 } = readPictureLook()
    const impression = new Float32Array(IMPRESSION)
    expect(openWitness('0'.repeat(64))('US', impression)).toBeUndefined()
    for (const modality of ['MG', 'TG', 'OT'] as const) {
      expect(openWitness(modelSha256)(modality, impression)).toBeUndefined()
    }
    expect(openWitness(modelSha256)('US', impression)).toBeDefined()
  })
})

describe('a look with one weight', () => {
  const modelSha256 = 'b'.repeat(64)
  /** Its score is the impression's first number less 1. */
  const look: PictureLook = {
    ...{ format: 'zaoshai-look-1', madeBy: 'a test', modality: 'US', modelSha256 },
    ...{ leastScore: -2, doubtBelow: 0.5, intercept: -1 },
    weights: Array.from({ length: IMPRESSION }, (_, k) => (k === 0 ? 1 : 0)),
  }
  const impression = (first: number) => new Float32Array(IMPRESSION).fill(7).fill(first, 0, 1)

  test.each<[number, SecondLook]>([
    [-1.5, 'unlike'],
    [-1, 'doubtful'],
    [1.25, 'doubtful'],
    [1.5, 'alike'],
    [9, 'alike'],
  ])('finds a picture unlike below its least score, in doubt below its other limit, else alike (%d)', (first, said) => {
    expect(openWitness(modelSha256, look)('US', impression(first))).toBe(said)
  })

  test('is asked of its own modality and model alone, however low the score', () => {
    expect(openWitness('c'.repeat(64), look)('US', impression(-9))).toBeUndefined()
    for (const modality of ['MG', 'TG', 'OT'] as const) {
      expect(openWitness(modelSha256, look)(modality, impression(-9))).toBeUndefined()
    }
  })
})

describe('with the model', () => {
  let segmenter: ModelSegmenter
  beforeAll(async () => {
    segmenter = await openSegmenter({ threads: 2 })
  }, 120_000)
  afterAll(() => segmenter[Symbol.asyncDispose]())

  const judge = async (raster: RasterImage) => {
    const { secondLook } = await segmenter.segment(segmenter.standardise(raster, 'US'), 'US')
    return judgementOf(segmenter.judge(raster, 'US'), secondLook)
  }
  const load = (file: string) => decodeImage(readFileSync(file), path.basename(file))
  const examples = path.join(import.meta.dirname, '../../examples')

  test('the bundled ultrasound is judged; a mammogram offered as one is refused', { timeout: 60_000 }, async () => {
    expect(await judge(await load(path.join(examples, 'ultrasound-one-side/bus_0888-l.png')))).toBe('judgeable')
    expect(await judge(await load(path.join(examples, 'cesm-p313/P313_R_DM_CC.jpg')))).toEqual(
      absent('not-this-modality'),
    )
  })

  const DATA = process.env.ZAOSHAI_DATA ?? path.join(import.meta.dirname, '../../../shared/data')

  test.skipIf(!existsSync(path.join(DATA, 'busi/manifest.csv')))(
    'no malignant ultrasound of BUSI val is refused or noted (needs ZAOSHAI_DATA)',
    { timeout: 300_000 },
    async () => {
      const rows = readFileSync(path.join(DATA, 'busi/manifest.csv'), 'utf8').split('\n')
      const files = rows.flatMap((row) => {
        const [, image = '', , lesion, split] = row.split(',')
        return split === 'val' && lesion === 'malignant' ? [path.join(DATA, 'busi', image)] : []
      })
      expect(files).toHaveLength(33)
      for (const file of files) expect(await judge(await load(file)), file).toBe('judgeable')
    },
  )
})
