import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { type Judgement, judgementOf, openWitness } from '#app/judgement.ts'
import { isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { DEFAULT_PREPROCESSING } from '#core/preprocessing.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { standardise } from '#imaging/standardise.ts'
import { openModel } from '#sam/model.ts'
import { IMPRESSION } from '#sam/picture-look.ts'
import { openExtractor } from '#training/frozen-features.ts'

export interface Impressions extends AsyncDisposable {
  readonly modelSha256: string
  /** Mean of the default model's trunk over the picture, as an ultrasound is shown to it. */
  of(raster: RasterImage): Promise<Float32Array>
}

/** A picture, by what the model sees of it, and its impression as bytes in base 64. */
type Kept = readonly [seen: string, impression: string]

/** @param cache a file to which impressions are added, so that a stopped run goes on where it was. */
export async function openImpressions(cache?: string): Promise<Impressions> {
  const model = await openModel()
  const { size } = DEFAULT_PREPROCESSING.US
  const trunk = await openExtractor(model.weights, size, { threads: 2 })
  const kept = new Map<string, Float32Array>(cache === undefined ? [] : read(cache))
  return {
    modelSha256: model.sha256,
    of: async (raster) => {
      const { image } = standardise(raster, DEFAULT_PREPROCESSING.US)
      const seen = createHash('sha256').update(model.sha256).update(new Uint8Array(image.data.buffer)).digest('hex')
      const known = kept.get(seen)
      if (known !== undefined) return known
      const made = meanOf((await trunk.extract(image)).stage4!)
      kept.set(seen, made)
      const line: Kept = [seen, Buffer.from(made.buffer).toString('base64')]
      if (cache !== undefined) appendFileSync(cache, `${JSON.stringify(line)}\n`)
      return made
    },
    [Symbol.asyncDispose]: () => trunk[Symbol.asyncDispose](),
  }
}

function read(file: string): [string, Float32Array][] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [seen, impression]: Kept = JSON.parse(line)
    return [seen, new Float32Array(Uint8Array.from(Buffer.from(impression, 'base64')).buffer)]
  })
}

/** Over cells, channels last. */
function meanOf(stage: Float32Array): Float32Array {
  const cells = stage.length / IMPRESSION
  const sums = new Float64Array(IMPRESSION)
  for (let i = 0; i < stage.length; i++) sums[i % IMPRESSION]! += stage[i]!
  return Float32Array.from(sums, (sum) => sum / cells)
}

export type Judge = (raster: RasterImage, modality: Modality) => Promise<Judgement>

/** As a screening judges, both looks together. */
export function openJudge(impressions: Impressions): Judge {
  const witness = openWitness(impressions.modelSha256)
  return async (raster, modality) => {
    const first = judgeability(raster, modality)
    if (isAbsent(first) || modality !== 'US') return judgementOf(first, undefined)
    return judgementOf(first, witness(modality, await impressions.of(raster)))
  }
}
