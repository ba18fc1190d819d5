import { fork } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import envPaths from 'env-paths'
import { ScreeningError } from '#core/errors.ts'
import { makeFolder } from '#disk/durable.ts'
import { isAlive } from '#disk/owner.ts'
import { BASE_SHA256, DECODER, PACKAGE, type Progress, type Reply, type Request, WORK } from './weights-source.ts'

/** Where the weights are kept and who is told how far they have come. */
export interface StoreOptions {
  /** Cache folder; default: {@link cacheFolder}. */
  readonly cache?: string
  readonly onProgress?: (progress: Progress) => void
  /** Stops a download or conversion; what was begun is removed. */
  readonly signal?: AbortSignal
}

/** The two published files, as plain ONNX: the oracle for the model's forward pass. Fixed at 1024x1024. */
export interface OracleFiles {
  readonly encoder: string
  readonly decoder: string
}

const PREFIX = 'sam2-hiera-tiny'
const BASE_FILE = `${PREFIX}-${BASE_SHA256}.safetensors`
const DECODER_FILE = `${PREFIX}-decoder-${DECODER.sha256}.onnx`
/** Not pinned: ONNX Runtime does not promise the same bytes on every platform. The name still tells damage. */
const ENCODER_FILE = new RegExp(`^${PREFIX}-encoder-([0-9a-f]{64})\\.onnx$`)
const WORK_FOLDER = /^work-(\d+)-/

/** `ZAOSHAI_CACHE`, or the user's cache folder as the operating system names it. 276 MB when filled. */
export function cacheFolder(): string {
  return process.env.ZAOSHAI_CACHE || envPaths('zaoshai', { suffix: '' }).cache
}

/**
 * The base weights' file: from the cache, else converted from the cached originals, else downloaded. Its SHA-256 is
 * checked every time; a damaged file is made anew.
 * @throws WEIGHTS_UNAVAILABLE, WEIGHTS_CORRUPT, WEIGHTS_CONVERSION_FAILED, WEIGHTS_CACHE_UNUSABLE
 */
export async function baseWeightsFile(options: StoreOptions = {}): Promise<{ file: string; bytes: Uint8Array }> {
  const cache = options.cache ?? cacheFolder()
  const file = join(cache, BASE_FILE)
  const cached = await readIfThere(file)
  if (cached && hash('sha256', cached) === BASE_SHA256) return { file, bytes: cached }
  const originals = await findOriginals(cache)
  await fill(cache, originals ? { kind: 'convert', ...originals } : { kind: 'download' }, options)
  return { file, bytes: await readFile(file) }
}

/** The two published files from the cache, else downloaded (with the base weights). Throws as {@link baseWeightsFile}. */
export async function oracleFiles(options: StoreOptions = {}): Promise<OracleFiles> {
  const cache = options.cache ?? cacheFolder()
  const found = await findOriginals(cache)
  if (found) return found
  await fill(cache, { kind: 'download' }, options)
  const downloaded = await findOriginals(cache)
  if (!downloaded) throw new ScreeningError('WEIGHTS_CORRUPT', { problem: 'files changed while they were written' })
  return downloaded
}

async function findOriginals(cache: string): Promise<OracleFiles | undefined> {
  const decoder = join(cache, DECODER_FILE)
  if (!(await isIntact(decoder, DECODER.sha256))) return undefined
  for (const name of await readdir(cache)) {
    const sha256 = ENCODER_FILE.exec(name)?.[1]
    if (sha256 && (await isIntact(join(cache, name), sha256))) return { encoder: join(cache, name), decoder }
  }
  return undefined
}

async function isIntact(file: string, sha256: string): Promise<boolean> {
  const bytes = await readIfThere(file)
  return bytes !== undefined && hash('sha256', bytes) === sha256
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(error)
  }
}

/** Works in a folder of its own and moves what is finished into the cache, so that the cache never holds a part. */
async function fill(cache: string, request: Request, { onProgress, signal }: StoreOptions): Promise<void> {
  signal?.throwIfAborted()
  await makeFolder(cache).catch((error) => Promise.reject(unusable(error)))
  await removeAbandoned(cache)
  const folder = await mkdtemp(join(cache, `work-${process.pid}-`)).catch((error) => Promise.reject(unusable(error)))
  try {
    await runProcess(folder, request, onProgress ?? (() => {}), signal)
    const found = hash('sha256', await readFile(join(folder, WORK.base)))
    if (found !== BASE_SHA256) {
      throw new ScreeningError('WEIGHTS_CORRUPT', { file: BASE_FILE, expected: BASE_SHA256, found })
    }
    if (request.kind === 'download') {
      const encoder = join(folder, WORK.encoder)
      const name = `${PREFIX}-encoder-${hash('sha256', await readFile(encoder))}.onnx`
      await rename(encoder, join(cache, name))
      await rename(join(folder, WORK.decoder), join(cache, DECODER_FILE))
    }
    await rename(join(folder, WORK.base), join(cache, BASE_FILE))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Clears the folders of processes that are no more (power cut, kill -9). */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = Number(WORK_FOLDER.exec(name)?.[1])
    if (pid && !isAlive(pid)) await rm(join(cache, name), { recursive: true, force: true })
  }
}

function runProcess(
  folder: string,
  request: Request,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./weights-process.ts', import.meta.url), [folder], { execArgv: [] })
    const stop = () => child.kill()
    signal?.addEventListener('abort', stop)
    let last: Reply | undefined
    child.on('message', (message: Reply) => {
      if ('progress' in message) onProgress(message.progress)
      else last = message
    })
    child.on('error', reject)
    child.on('exit', (exitCode, killedBy) => {
      signal?.removeEventListener('abort', stop)
      if (signal?.aborted) reject(signal.reason)
      else if (last && 'done' in last) resolve()
      else reject(processError(last, { exitCode: exitCode ?? -1, killedBy: killedBy ?? 'none' }))
    })
    child.send(request)
  })
}

function processError(reply: Reply | undefined, exit: { exitCode: number; killedBy: string }): ScreeningError {
  if (reply && 'code' in reply) return new ScreeningError(reply.code, reply.facts)
  if (reply && 'systemCode' in reply) {
    const { systemCode, message } = reply
    return new ScreeningError(
      'WEIGHTS_UNAVAILABLE',
      { package: PACKAGE.spec, systemCode },
      { cause: new Error(message) },
    )
  }
  return new ScreeningError('WEIGHTS_CONVERSION_FAILED', exit)
}

function unusable(error: unknown): ScreeningError {
  const { code = 'unknown', path = '' } = error as NodeJS.ErrnoException
  return new ScreeningError('WEIGHTS_CACHE_UNUSABLE', { systemCode: code, name: basename(path) }, { cause: error })
}
