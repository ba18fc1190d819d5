/**
 * Makes the two looks by which pictures are judged, `src/imaging/ultrasound-appearance.json` and
 * `models/zaoshai-look-us.json`, or says how they do together.
 *
 *     node scripts/judgeable.ts fit      --data ../shared/data --photographs FOLDER
 *     node scripts/judgeable.ts look     --data ../shared/data --photographs FOLDER [--cache FILE]
 *     node scripts/judgeable.ts figures  --data ../shared/data --photographs FOLDER [--more NAME=FOLDER ...] [--cache FILE]
 *     node scripts/judgeable.ts external --data ../shared/data [--more NAME=FOLDER ...] [--cache FILE]
 *
 * The photographs are those of https://github.com/EliSchwartz/imagenet-sample-images (one of each class of ImageNet).
 * `look` and `figures` show some thousand pictures to the model, three a second; what it saw is kept in the cache.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEFAULT_LOOK } from '#app/judgement.ts'
import { developCases, developSeen } from './judgeable/cases.ts'
import { printExternal, printFigures } from './judgeable/figures.ts'
import { fitUltrasound } from './judgeable/fit.ts'
import { fitLook } from './judgeable/fit-look.ts'
import { openImpressions, openJudge } from './judgeable/impressions.ts'
import { usage } from './usage.ts'

const WEIGHTS = fileURLToPath(new URL('../src/imaging/ultrasound-appearance.json', import.meta.url))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: '../shared/data' },
    photographs: { type: 'string' },
    more: { type: 'string', multiple: true, default: [] },
    cache: { type: 'string' },
  },
})
const { data, photographs, more, cache } = values
const [command] = positionals

if (command === 'external') {
  await using impressions = await openImpressions(cache)
  await printExternal({ data, more }, openJudge(impressions))
} else if (photographs === undefined) {
  usage('Name the folder of photographs: --photographs FOLDER')
} else if (command === 'fit') {
  const made = fitUltrasound(await developCases(data, photographs))
  writeFileSync(WEIGHTS, `${JSON.stringify(made, null, 2)}\n`)
  process.stdout.write(readFileSync(WEIGHTS, 'utf8'))
} else if (command === 'look') {
  await using impressions = await openImpressions(cache)
  const made = fitLook(await developSeen(data, photographs, impressions), impressions.modelSha256)
  writeFileSync(DEFAULT_LOOK, `${JSON.stringify(made)}\n`)
} else if (command === 'figures') {
  await using impressions = await openImpressions(cache)
  await printFigures({ data, photographs, more }, openJudge(impressions))
} else {
  usage('Say what to do: fit, look, figures or external')
}
