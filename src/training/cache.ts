/// <reference lib="esnext.float16" />
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { ScreeningError } from '#core/errors.ts'
import type { Modality } from '#core/modality.ts'
import type { Preprocessing } from '#core/preprocessing.ts'
import { makeFolder } from '#disk/durable.ts'

/** What the features of one view are a function of. */
export interface ViewOrigin {
  /** Raised when the code computes other features, targets or augmentations from the same input. */
  readonly format: number
  readonly imageSha256: string
  /** The target and the augmentation depend on it; empty where the row names no mask. */
  readonly maskSha256: string
  readonly preprocessing: Preprocessing
  readonly weightsId: string
  readonly trunkFrom: number
  readonly view: number
  /** Of a random view, whose augmentation depends on it; else `null`. */
  readonly modality: Modality | null
  /** Seed of a random view; 0 for a view without chance, which runs of any seed share. */
  readonly seed: number
}

/** Features of a frozen network on disk: one file of float16 numbers per view, named by the SHA-256 of its origin. */
export interface FeatureCache {
  /** The numbers, or `undefined` where the file is absent, torn or of another length. */
  read(key: string, length: number): Promise<Float16Array | undefined>
  /** @throws CACHE_FULL when the disk has no room. */
  write(key: string, values: Float16Array): Promise<void>
  has(key: string, length: number): Promise<boolean>
  /**
   * Makes room for these keys, each of `length` numbers, by removing the files of other runs, oldest first.
   * @throws CACHE_FULL when they alone pass the limit.
   */
  reserve(keys: ReadonlySet<string>, length: number): Promise<void>
}

/** Checksum and its padding, so that the numbers start aligned. */
const HEADER_BYTES = 8

export function viewKey(origin: ViewOrigin): string {
  const { fit, size, denoise, contrast } = origin.preprocessing
  const { format, imageSha256, maskSha256, weightsId, trunkFrom, view, modality, seed } = origin
  const image = [format, imageSha256, maskSha256, fit, size, denoise, contrast]
  const parts = [...image, weightsId, trunkFrom, view, modality, seed]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** @param maxBytes what all runs together may occupy. */
export async function openFeatureCache(folder: string, maxBytes: number): Promise<FeatureCache> {
  await makeFolder(folder)
  const fileOf = (key: string) => path.join(folder, key.slice(0, 2), key)
  return {
    read: (key, length) => readView(fileOf(key), length),
    write: (key, values) => writeView(fileOf(key), values),
    has: async (key, length) => {
      const found = await stat(fileOf(key)).catch(() => undefined)
      return found?.size === HEADER_BYTES + 2 * length
    },
    reserve: (keys, length) => reserve(folder, keys, length, maxBytes),
  }
}

async function readView(file: string, length: number): Promise<Float16Array | undefined> {
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined || bytes.length !== HEADER_BYTES + 2 * length) return undefined
  const payload = bytes.subarray(HEADER_BYTES)
  if (bytes.readUInt32LE(0) !== crc32(payload)) return undefined
  return new Float16Array(payload.buffer, payload.byteOffset, length)
}

/** Whole or not at all. Not flushed: after a power cut the checksum tells, and the view is computed again. */
async function writeView(file: string, values: Float16Array): Promise<void> {
  const payload = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(crc32(payload), 0)
  const temporary = `${file}.${crypto.randomUUID().slice(0, 8)}.tmp`
  try {
    await makeFolder(path.dirname(file))
    await writeFile(temporary, Buffer.concat([header, payload]))
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
    throw new ScreeningError('CACHE_FULL', { reason: 'no space left on the disk' }, { cause })
  }
}

async function reserve(folder: string, keys: ReadonlySet<string>, length: number, maxBytes: number): Promise<void> {
  const needed = keys.size * (HEADER_BYTES + 2 * length)
  if (needed > maxBytes) throw new ScreeningError('CACHE_FULL', { neededGib: gib(needed), limitGib: gib(maxBytes) })
  const others = (await listFiles(folder)).filter(({ name }) => !keys.has(name)).sort((a, b) => a.modified - b.modified)
  let total = needed + others.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { file, bytes } of others) {
    if (total <= maxBytes) break
    await rm(file, { force: true })
    total -= bytes
  }
}

async function listFiles(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => undefined)
      return { file, name: path.basename(file), bytes: found?.size ?? 0, modified: found?.mtimeMs ?? 0 }
    }),
  )
}

function gib(bytes: number): number {
  return Number((bytes / 2 ** 30).toFixed(2))
}
