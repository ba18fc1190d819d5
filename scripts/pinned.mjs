// What every launcher needs: the packages of package-lock.json in place, and a way into the Node that they pin.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 20 up.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const pinnedNode = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** What the launcher is doing, on stderr: stdout belongs to the command itself. */
export function say(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Installs the packages unless those of package-lock.json are there already. Ends the process when npm fails.
 * @param {{ dev: boolean }} options whether development packages (tests, checks) are needed as well
 */
export async function ensureInstalled({ dev }) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) fail(`Zaoshai starts with Node 20 or newer; this is Node ${process.versions.node}.`)
  const wanted = readPackages('package-lock.json') ?? {}
  if (isInstalled(wanted, dev)) return
  // Optional packages are builds for one platform each, of which few are installed.
  await install(Object.keys(wanted).filter((path) => path !== '' && !wanted[path]?.optional))
  if (!isInstalled(wanted, dev)) {
    fail('npm ci ended well, but packages are missing. Were install scripts refused (npm config ignore-scripts)?')
  }
}

/** @typedef {Record<string, { version?: string, optional?: boolean, dev?: boolean, devOptional?: boolean }>} Packages */

/** @returns {Packages | undefined} */
function readPackages(/** @type {string} */ lockFile) {
  const path = join(root, lockFile)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/** npm notes in node_modules/.package-lock.json, as the last thing it does, what it has installed. */
function isInstalled(/** @type {Packages} */ wanted, /** @type {boolean} */ dev) {
  const present = readPackages('node_modules/.package-lock.json')
  if (present === undefined || !existsSync(pinnedNode)) return false
  return Object.entries(wanted).every(([path, { version, optional, dev: isDev, devOptional }]) => {
    if (path === '') return true
    if (present[path] !== undefined) return present[path].version === version
    return optional || devOptional || (isDev && !dev)
  })
}

/** @param {string[]} paths the folders that the packages go to, from which the progress is seen */
async function install(paths) {
  say(`Installing ${paths.length} packages from npm into node_modules (once; a few hundred MB) ...`)
  const started = Date.now()
  const stop = showProgress(() => paths.filter((path) => existsSync(join(root, path, 'package.json'))).length, paths)
  // npm must not run on the Node that it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')))
  const child = spawn('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const code = await ended(child)
  stop()
  if (code !== 0)
    fail(`${output}npm ci failed (${code}). With a network and npm's own configuration in order, run it again.`)
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

/**
 * A line that is rewritten on a terminal, or a new line every ten seconds elsewhere.
 * @param {() => number} count
 * @param {string[]} paths
 */
function showProgress(count, paths) {
  const terminal = process.stderr.isTTY
  const timer = setInterval(
    () =>
      process.stderr.write(`${terminal ? '\r' : ''}  ${count()} of ${paths.length} packages${terminal ? ' ' : '\n'}`),
    terminal ? 250 : 10_000,
  )
  return () => {
    clearInterval(timer)
    if (terminal) process.stderr.write('\r\u001b[K')
  }
}

/**
 * Runs a script on the pinned Node with this process's terminal, and gives its exit code.
 * @param {string[]} args the script, relative to the repository, and its arguments
 */
export async function runPinned([script = '', ...args]) {
  const child = spawn(pinnedNode, [join(root, script), ...args], { env: quietEnvironment(), stdio: 'inherit' })
  return ended(child)
}

/**
 * What every process of this software runs under. ONNX Runtime writes a telemetry database under the home folder
 * unless it is told not to before it is loaded; nothing about patients may leave the machine.
 */
export function quietEnvironment() {
  return { ...process.env, ORT_DISABLE_TELEMETRY: '1' }
}

/**
 * Waits for a child, passing on the signals that ask us to end, so that it can clean up. A child that a signal ended
 * counts as 128 + the signal's number, as in a shell.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/** @returns {never} */
function fail(/** @type {string} */ message) {
  say(message)
  process.exit(1)
}
