import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeImage } from '#imaging/decode.ts'
import { standardise } from '#imaging/standardise.ts'
import { openModel } from './model.ts'
import { type ExposurePair, openPredictor, type Predictor } from './predict.ts'

let predictor: Predictor
let pair: ExposurePair
beforeAll(async () => {
  predictor = await openPredictor(await openModel(), { threads: 2 })
  const seen = async (shot: string) => {
    const file = path.resolve(import.meta.dirname, `../../examples/cesm-p313/P313_R_${shot}_CC.jpg`)
    return standardise(await decodeImage(await readFile(file), file), predictor.settings('MG').preprocessing).image
  }
  pair = { 'low-energy': await seen('DM'), subtracted: await seen('CM') }
}, 120_000)
afterAll(() => predictor.close())

test('read together, a subtracted image gets the very answer that it has alone, a low-energy one another', {
  timeout: 120_000,
}, async () => {
  expect(predictor.readsPairs).toBe(true)
  const together = await predictor.predictPair(pair, 'MG')
  expect(together.subtracted).toEqual(await predictor.predict(pair.subtracted, 'MG'))
  const alone = await predictor.predict(pair['low-energy'], 'MG')
  expect(together['low-energy'].maskLogits).not.toEqual(alone.maskLogits)
})
