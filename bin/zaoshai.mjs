#!/usr/bin/env node
// The door to the command line from any Node >= 20: installs what is missing in a checkout, then goes on under the
// pinned Node, which runs the TypeScript sources as they are.
import { ensureInstalled, quietEnvironment, runPinned } from '../scripts/pinned.mjs'

await ensureInstalled({ dev: false })
if (Number(process.versions.node.split('.')[0]) === 24) {
  Object.assign(process.env, quietEnvironment())
  await import('../src/cli/zaoshai.ts')
} else {
  process.exitCode = await runPinned(['src/cli/zaoshai.ts', ...process.argv.slice(2)])
}
