// `npm run bench -- <name> [--quick]`: installs if needed, then measures ours against a peer.
import { ensureInstalled, runPinned } from '../scripts/pinned.mjs'

await ensureInstalled({ dev: false })
process.exitCode = await runPinned(['bench/bench.ts', ...process.argv.slice(2)])
