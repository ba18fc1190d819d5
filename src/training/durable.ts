import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed over it and
 * the rename itself flushed. A kill at any moment leaves the old file or the new one.
 */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true })
  const temporary = path.join(folder, `.${path.basename(file)}.${process.pid}.${crypto.randomUUID().slice(0, 8)}.tmp`)
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
  await syncFolder(folder)
}

/** Appends a line and flushes it to the disk. */
export async function appendLine(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a')
  try {
    await handle.writeFile(`${line}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Windows cannot open a folder, and flushes renames by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
