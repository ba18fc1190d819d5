import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { isAlive, MACHINE } from './owner.ts'

/**
 * Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then renamed over it and
 * the rename itself flushed. A kill at any moment leaves the old file or the new one.
 */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const folder = path.dirname(file)
  await makeFolder(folder)
  const temporary = temporaryIn(folder)
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

const TEMPORARY = /^\.(?<pid>\d+)\.(?<machine>[0-9a-f]{8})\.[0-9a-f]{8}\.tmp$/

/** A name that no other process takes, hidden, and short enough beside a file whose own name is as long as can be. */
export function temporaryIn(folder: string): string {
  return path.join(folder, `.${process.pid}.${MACHINE}.${crypto.randomUUID().slice(0, 8)}.tmp`)
}

/** Removes the temporary files in a folder whose processes, of this machine, are no more. */
export async function clearTemporaries(folder: string): Promise<void> {
  // a folder that may not be listed may still be written into
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const owner = TEMPORARY.exec(entry.name)?.groups
    if (!entry.isFile() || owner?.machine !== MACHINE || isAlive(Number(owner.pid))) continue
    await rm(path.join(folder, entry.name), { force: true })
  }
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

/** Cuts a file back to its first `bytes` and flushes it to the disk. */
export async function cutBack(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.truncate(bytes)
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
