/**
 * WebGPU without a graphics card, for tests: a process of its own whose ONNX Runtime finds SwiftShader, a Vulkan that
 * computes on the processor and comes inside `@sparticuz/chromium`. Of its own, because Linux reads the search path of
 * libraries when a process starts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { extract } from 'tar'
import { type ErrorCode, type ErrorFacts, ScreeningError } from '#core/errors.ts'
import type { Call, Calls } from './software-webgpu-process.ts'

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly facts: ErrorFacts } }

/**
 * @returns undefined, with the reason on the console, where there is no such WebGPU.
 * @throws the reason where `CI=true`, since there it must be.
 */
export async function openSoftwareWebgpu(): Promise<SoftwareWebgpu | undefined> {
  try {
    return await SoftwareWebgpu.open()
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.warn(`Skipped: no WebGPU to test with, a software Vulkan did not start. ${error}`)
    return undefined
  }
}

export class SoftwareWebgpu implements AsyncDisposable {
  private readonly folder: string
  private readonly child: ChildProcess
  private readonly ended: Promise<unknown[]>
  private next = 0

  private constructor(folder: string) {
    this.folder = folder
    this.child = fork(new URL('./software-webgpu-process.ts', import.meta.url), {
      serialization: 'advanced',
      env: {
        ...process.env,
        VK_DRIVER_FILES: path.join(folder, 'vk_swiftshader_icd.json'),
        LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(path.delimiter),
      },
    })
    this.child.setMaxListeners(0)
    this.ended = once(this.child, 'exit')
  }

  /** @throws DEVICE_UNAVAILABLE, and errors of files. */
  static async open(): Promise<SoftwareWebgpu> {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new ScreeningError('DEVICE_UNAVAILABLE', { device: 'webgpu', reason: 'SwiftShader is for Linux on x64' })
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'swiftshader-'))
    try {
      await unpackSwiftShader(folder)
      const opened = new SoftwareWebgpu(folder)
      await opened.call('probe', {})
      return opened
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Several runs may be under way at once. @throws what the call throws; ENGINE_FAILED when the process ends. */
  async call<Name extends keyof Calls>(name: Name, argument: Call<Name>): Promise<Awaited<ReturnType<Calls[Name]>>> {
    const id = this.next++
    const answer = Promise.withResolvers<Answer>()
    const listen = (message: Answer) => message.id === id && answer.resolve(message)
    this.child.on('message', listen)
    this.child.send({ id, name, argument })
    const ended = this.ended.then(([code, signal]) => {
      throw new ScreeningError('ENGINE_FAILED', { reason: `the process ended by ${signal ?? `code ${code}`}` })
    })
    try {
      const message = await Promise.race([answer.promise, ended])
      if ('error' in message) throw new ScreeningError(message.error.code, message.error.facts)
      return message.result as Awaited<ReturnType<Calls[Name]>>
    } finally {
      this.child.off('message', listen)
    }
  }

  /** @returns how the process ended: its exit code, or the signal that killed it. */
  async close(): Promise<number | string> {
    if (this.child.connected) this.child.disconnect()
    const [code, signal] = await this.ended
    await rm(this.folder, { recursive: true, force: true })
    return (signal ?? code) as number | string
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** The Vulkan loader, SwiftShader and the note by which the one finds the other. */
async function unpackSwiftShader(folder: string): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const archive = path.join(path.dirname(entry), '..', 'bin', 'swiftshader.tar.br')
  const filter = (file: string) => path.basename(file).includes('vk_swiftshader') || file.includes('libvulkan')
  await pipeline(createReadStream(archive), createBrotliDecompress(), extract({ cwd: folder, filter }))
}
