import path from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { FEATURE_NAMES, FEATURES, type FeatureName } from '#core/features.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { SCORE_TERMS, STEADY, termNumber } from '#core/score-terms.ts'
import { readBytes } from '#disk/read.ts'
import { measure } from '#features/measure.ts'
import { DEFAULT_MODEL, openModel } from '#sam/model.ts'
import { readScoreModel } from './scorer.ts'

const model = readScoreModel()

describe('the score that comes with the software', () => {
  test('is made of declared features that another device hardly changes, and of presence', () => {
    for (const { term } of model.terms) {
      expect(SCORE_TERMS).toContain(term)
      if (term !== 'presence') expect(FEATURE_NAMES).toContain(term)
    }
    for (const name of STEADY) expect(FEATURES[name].unit).toBe('1')
  })

  test('belongs to the model that comes with the software', async () => {
    expect((await openModel(DEFAULT_MODEL)).sha256).toBe(model.provenance.maskModelSha256)
  })

  test('has ranks that rise, and bands in their order', () => {
    for (const [i, knot] of model.rank.entries()) {
      const before = model.rank[i - 1]
      if (before === undefined) continue
      expect(knot.score).toBeGreaterThan(before.score)
      expect(knot.logit).toBeGreaterThanOrEqual(before.logit)
    }
    expect(model.bands.higherFrom).toBeGreaterThanOrEqual(model.bands.moderateFrom)
  })
})

/** The bundled ultrasound and its doctor's outline, sampled `factor` times as finely, every grey 0..1 sent through `curve`. */
async function sampled(
  factor: number,
  curve = (grey: number) => grey,
): Promise<Readonly<Record<FeatureName, number | undefined>>> {
  const folder = path.resolve(import.meta.dirname, '../../examples/ultrasound-one-side')
  const plane = async (file: string, kernel: 'cubic' | 'linear') => {
    const picture = sharp(await readBytes(path.join(folder, file))).toColourspace('b-w')
    const { width = 0, height = 0 } = await picture.metadata()
    const size = { width: Math.round(width * factor), height: Math.round(height * factor) }
    const { data } = await picture
      .resize(size.width, size.height, { fit: 'fill', kernel })
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { data, size }
  }
  const grey = await plane('bus_0888-l.png', 'cubic')
  const drawn = await plane('ground-truth/bus_0888-l.png', 'linear')
  const image = GreyImage.from(
    Float32Array.from(grey.data, (value) => Math.round(255 * Math.min(curve(value / 255), 1)) / 255),
    grey.size,
  )
  const mask = Mask.from(
    Uint8Array.from(drawn.data, (value) => (value > 127 ? 1 : 0)),
    drawn.size,
  )
  const features = measure({ image, region: mask, marked: mask, modality: 'US' })
  const values = FEATURE_NAMES.map((name) => {
    const value = features[name]
    return [name, isAbsent(value) ? undefined : value.value]
  })
  return Object.fromEntries(values)
}

test('no term of the score changes by half of its spread when the bundled ultrasound is sampled twice or half as finely', async () => {
  const [once, twice, half] = [await sampled(1), await sampled(2), await sampled(0.5)]
  for (const { term, sd } of model.terms) {
    if (term === 'presence' || once[term] === undefined) continue
    // a fifth over many lesions (STEADY); one lesion may lie farther out
    for (const other of [twice, half]) expect(Math.abs(other[term]! - once[term]) / sd, term).toBeLessThan(0.5)
  }
})

test('nor when its gain or its gamma changes by 1.4 either way', async () => {
  const once = await sampled(1)
  const curves = [(v: number) => 0.7 * v, (v: number) => 1.4 * v, (v: number) => v ** 0.7, (v: number) => v ** 1.4]
  for (const curve of curves) {
    const other = await sampled(1, curve)
    for (const { term, sd } of model.terms) {
      if (term === 'presence' || once[term] === undefined) continue
      // a third over many lesions (STEADY); one lesion may lie farther out
      const change = Math.abs(termNumber(term, other[term]!) - termNumber(term, once[term])) / sd
      expect(change, `${term} ${curve}`).toBeLessThan(0.5)
    }
  }
})
