import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed over it and
 * the rename itself flushed. A kill at any moment leaves the old file or the new one.
 */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file)
  await makeFolder(folder)
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

/**
 * Makes a folder and those above it that are missing, one by one. Node's own `recursive` never ends on a file system
 * that answers "not there" for a new entry of a folder that is there, as `/proc` does.
 * @throws the system's error.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (await isFolder(folder)) return
    const parent = path.dirname(folder)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isFolder(parent))) throw error
    await makeFolder(parent)
    // somebody else may have made it in the meantime
    await mkdir(folder).catch(async (failure) => {
      if (!(await isFolder(folder))) throw failure
    })
  }
}

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  )
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
