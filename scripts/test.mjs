// `npm test`: installs if needed, then runs every test. `npm test -- src/core` runs those under a folder.
import { ensureInstalled, runPinned, say } from './pinned.mjs'

await ensureInstalled({ dev: true })
// Many tests stand on the base weights: fetched here once, with a bar, and not by each test file for itself.
if ((await runPinned(['bin/zaoshai.mjs', 'weights'])) !== 0) process.exit(1)
const filters = process.argv.slice(2)
say(`Running ${filters.length === 0 ? 'every test' : `the tests of ${filters.join(', ')}`} ...`)
process.exitCode = await runPinned(['node_modules/vitest/vitest.mjs', 'run', ...filters])
