// `npm run check`: everything about the sources that is not a test of what they do. Runs every step, then says which failed.
import { ensureInstalled, runPinned, say } from './pinned.mjs'

/** Biome colours pipes and files too, unless it is told. */
const colours = process.stdout.isTTY ? [] : ['--colors=off']

/** Their tests take seconds. `npm test` runs all. */
const roomsWithoutModel = ['core', 'imaging', 'features', 'assessment', 'cli'].map((room) => `src/${room}/`)

const steps = [
  {
    title: 'Format and lint, with the rules of the rooms',
    command: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', ...colours],
  },
  { title: 'Types', command: ['node_modules/typescript/bin/tsc', '--noEmit'] },
  { title: 'Documents that are written from code', command: ['scripts/docs.ts'] },
  {
    title: 'Planted breaches of the rules, and the tests that take no model',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=minimal', 'scripts', ...roomsWithoutModel],
  },
]

await ensureInstalled({ dev: true })
const failed = []
for (const { title, command } of steps) {
  say(`\n== ${title}`)
  const started = Date.now()
  if ((await runPinned(command)) !== 0) failed.push(title)
  say(`   ${((Date.now() - started) / 1000).toFixed(1)} s`)
}
say(failed.length === 0 ? '\nCheck passed.' : `\nCheck failed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
