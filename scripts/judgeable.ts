/**
 * Makes the weights of `src/imaging/ultrasound-appearance.json`, or says how they do.
 *
 *     node scripts/judgeable.ts fit     --data ../shared/data --photographs FOLDER
 *     node scripts/judgeable.ts figures --data ../shared/data --photographs FOLDER [--more NAME=FOLDER ...]
 *     node scripts/judgeable.ts external --data ../shared/data
 *
 * The photographs are those of https://github.com/EliSchwartz/imagenet-sample-images (one of each class of ImageNet).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { developCases } from './judgeable/cases.ts'
import { printExternal, printFigures } from './judgeable/figures.ts'
import { fitUltrasound } from './judgeable/fit.ts'
import { usage } from './usage.ts'

const WEIGHTS = fileURLToPath(new URL('../src/imaging/ultrasound-appearance.json', import.meta.url))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: '../shared/data' },
    photographs: { type: 'string' },
    more: { type: 'string', multiple: true, default: [] },
  },
})
const { data, photographs, more } = values
const [command] = positionals

if (command === 'external') {
  await printExternal(data)
} else if (photographs === undefined) {
  usage('Name the folder of photographs: --photographs FOLDER')
} else if (command === 'fit') {
  const made = fitUltrasound(await developCases(data, photographs))
  writeFileSync(WEIGHTS, `${JSON.stringify(made, null, 2)}\n`)
  process.stdout.write(readFileSync(WEIGHTS, 'utf8'))
} else if (command === 'figures') {
  await printFigures({ data, photographs, more })
} else {
  usage('Say what to do: fit, figures or external')
}
