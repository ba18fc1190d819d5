// `npm start`: installs if needed, gets the base weights, screens the bundled example and says where the report is.
import { join } from 'node:path'
import { ensureInstalled, root, runPinned, say } from './pinned.mjs'

const example = 'examples/cesm-p313'
const reportFolder = join(root, 'out/cesm-p313')

say('Zaoshai 早筛: installs what is missing, gets the base weights and screens the bundled example. It asks nothing.')
await ensureInstalled({ dev: false })
await step('Base weights of SAM 2 ...', ['weights'])
await step(`Screening ${example}: both breasts of one woman, two views, two energies ...`, [
  'screen',
  join(root, example),
  '--out',
  reportFolder,
])
say('\nOpen the report in a browser. It assists; a doctor decides.')

async function step(/** @type {string} */ title, /** @type {string[]} */ command) {
  say(`\n${title}`)
  const code = await runPinned(['bin/zaoshai.mjs', ...command])
  if (code !== 0) process.exit(code)
}
