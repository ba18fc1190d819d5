import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** An outside tool that a measurement needs is not on this machine. */
export class MissingPeer extends Error {
  override readonly name = 'MissingPeer'
}

/**
 * Says that something was skipped for want of a peer, and gives the exit code: 0 on a person's machine, 1 where
 * `CI=true`, because there every peer is meant to be installed.
 */
export function skip(what: string, missing: MissingPeer): number {
  const inCi = process.env.CI === 'true'
  console.log(`${inCi ? 'FAILED' : 'skipped'}: ${what}. ${missing.message}`)
  return inCi ? 1 : 0
}

/** A Python that has PyTorch. Debian's own comes first, because its packages are what CI installs. */
function findPyTorch(): string {
  const candidates = [process.env.ZAOSHAI_PYTHON ?? '', '/usr/bin/python3', 'python3', 'python'].filter(
    (python) => python !== '' && (!python.startsWith('/') || existsSync(python)),
  )
  const python = candidates.find((name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0)
  if (python) return python
  throw new MissingPeer(
    'PyTorch is missing: on Debian, `apt install python3-torch python3-numpy libopenblas0-openmp`; elsewhere name a Python that has it in ZAOSHAI_PYTHON',
  )
}

/** Whether there is one. On a person's machine it may be missing; in CI that is a failure. @throws MissingPeer in CI */
export function hasPyTorch(): boolean {
  try {
    return findPyTorch() !== ''
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.warn(`skipped: ${error instanceof Error ? error.message : error}`)
    return false
  }
}

/** A setting of a process's environment. */
export type Environment = Readonly<Record<string, string>>

/**
 * Makes PyTorch compute on OpenBLAS's OpenMP build where Debian's package of it is there. It shares PyTorch's own
 * threads; with the build on POSIX threads two pools fight for the same cores (measured: 4 times slower).
 */
function openBlasEnvironment(): Environment {
  const [folder] = globSync('/usr/lib/*/openblas-openmp')
  return folder ? { LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH ?? ''].join(':') } : {}
}

/** A process that answers each line that it is sent with one line of JSON. */
export class LinePeer implements AsyncDisposable {
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>
  private complaints = ''

  constructor(command: string, args: readonly string[], env: Environment = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
    this.child.stderr.on('data', (chunk) => {
      this.complaints += chunk
    })
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  /** The next line that the process prints. */
  async read<T>(): Promise<T> {
    const { value, done } = await this.lines.next()
    if (done) throw new Error(`the peer ended: ${this.complaints}`)
    return JSON.parse(value) as T
  }

  ask<T>(line: string): Promise<T> {
    this.child.stdin.write(`${line}\n`)
    return this.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.child.once('close', resolve))
    this.child.stdin.end()
    await closed
  }
}

/** A script of this folder in a Python that has PyTorch. @throws MissingPeer */
export function openPyTorch(
  script: string,
  argument: string,
  { threads, environment = {} }: { readonly threads: number; readonly environment?: Environment },
): LinePeer {
  const everything = { ...openBlasEnvironment(), OMP_NUM_THREADS: String(threads), ...environment }
  return new LinePeer(findPyTorch(), ['-B', join(import.meta.dirname, script), argument], everything)
}
