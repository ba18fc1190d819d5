import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zaoshai-launch-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a process that launches `script` on the pinned Node and exits as it does. */
function launch(script: string, ...args: string[]): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const file = join(folder, 'script.mjs')
  writeFileSync(file, script)
  const pinned = pathToFileURL(join(import.meta.dirname, 'pinned.mjs')).href
  const launcher = `import { root, runPinned } from '${pinned}'
    import { relative } from 'node:path'
    process.exitCode = await runPinned([relative(root, ${JSON.stringify(file)}), ...process.argv.slice(1)])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', launcher, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return child as typeof child & { stdout: NodeJS.ReadableStream }
}

test('a launched script runs on the pinned Node with its arguments, telemetry off', async () => {
  const child = launch(
    'console.log(JSON.stringify([process.version, process.argv.slice(2), process.env.ORT_DISABLE_TELEMETRY]))',
    'a b',
    '--c',
  )
  const [version, args, telemetry] = JSON.parse(await text(child.stdout))
  expect(version).toMatch(/^v24\./)
  expect(args).toEqual(['a b', '--c'])
  expect(telemetry).toBe('1')
})

test.each([0, 1, 3, 130])('exit code %d is passed on', async (code) => {
  const [passed] = await once(launch(`process.exit(${code})`), 'exit')
  expect(passed).toBe(code)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s sent to the launcher reaches the script, which may end in its own way',
  async (signal) => {
    const child = launch(
      `process.on('${signal}', () => { console.log('cleaned up'); process.exit(42) })
       setInterval(() => {}, 1000)
       console.log('ready')`,
    )
    const lines: string[] = []
    child.stdout.on('data', (chunk) => {
      lines.push(String(chunk).trim())
      if (lines.length === 1) child.kill(signal)
    })
    const [code] = await once(child, 'exit')
    expect(lines).toEqual(['ready', 'cleaned up'])
    expect(code).toBe(42)
  },
)

test('a script that a signal ended counts as 128 and the number of the signal', async () => {
  const [code] = await once(launch("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)"), 'exit')
  expect(code).toBe(137)
})
