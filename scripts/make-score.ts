/**
 * Makes the ultrasound score that comes with the software (models/zaoshai-score-us.json) from a cross-validation and the
 * default model: docs/adr/0020-score.md. Looking at every image takes minutes; a stopped run goes on where it was.
 *
 *   node scripts/make-score.ts --data ../shared/data/busi/manifest.csv --external ../shared/data/busbra/manifest.csv \
 *     --folds runs/folds --cache runs/score [--threads 2] [--out models/zaoshai-score-us.json]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { makeScore } from '#app/make-score.ts'
import { DEFAULT_SCORE } from '#app/scorer.ts'
import { usage } from './usage.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { data: text, external: text, folds: text, cache: text, threads: text, out: text },
})
const { data, external, folds, cache, threads, out = DEFAULT_SCORE } = values
if (data === undefined || external === undefined || folds === undefined || cache === undefined) {
  usage('Give --data, --external, --folds and --cache.')
}
mkdirSync(cache, { recursive: true })
const score = await makeScore({
  ...{ data, external, folds, cache, threads: threads === undefined ? undefined : Number(threads) },
  onProgress: (set, done, total) => console.error(`${set}: ${done}/${total}`),
})
writeFileSync(out, `${JSON.stringify(score, null, 2)}\n`)
console.log(JSON.stringify(score.figures, null, 2))
