import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'
import { makeFolder, temporaryIn, writeWhole } from '#disk/durable.ts'

/**
 * Makes a folder where there is none and tries it with a file, so that long work does not end before a closed door.
 * @throws OUTPUT_UNWRITABLE
 */
export async function prepareFolder(folder: string): Promise<void> {
  const probe = temporaryIn(folder)
  try {
    await makeFolder(folder)
    await (await open(probe, 'wx')).close()
    await rm(probe)
  } catch (cause) {
    throw unwritable(folder, cause)
  }
}

/** Writes a file whole or not at all. @throws OUTPUT_UNWRITABLE */
export function writeOutput(file: string, content: Uint8Array | string): Promise<void> {
  return writing(file, () => writeWhole(file, content))
}

/** @throws OUTPUT_UNWRITABLE with the base name of `file` where the system refuses. */
export async function writing<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

/** A refusal of the system as a coded error that names what was to be written by its base name. */
export function unwritable(file: string, cause: unknown): ScreeningError {
  const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return new ScreeningError('OUTPUT_UNWRITABLE', { output: path.basename(path.resolve(file)), problem }, { cause })
}
