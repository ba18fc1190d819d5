import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'

/** A file's bytes. @throws FILE_UNREADABLE, which names the last part of the path only. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new ScreeningError('FILE_UNREADABLE', { file: path.basename(file) }, { cause })
  }
}
