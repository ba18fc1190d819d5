import type { Dirent } from 'node:fs'
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { makeFolder } from '#disk/durable.ts'
import { isAlive, MACHINE } from '#disk/owner.ts'
import { unwritable, writing } from './output.ts'

/** What an earlier run of the same command left: it may be replaced, anything else may not. */
const OWN_FILES: ReadonlySet<string> = new Set(['report.json', 'report.html', 'report.pdf', 'slip.html', 'slip.pdf'])
/** Of these only what the earlier report names. */
const OWN_FOLDERS: ReadonlySet<string> = new Set(['masks', 'overlays'])

/** The part of a report that says whose it is and which files belong to it; its version does not matter. */
const Image = z.object({ marking: z.object({ mask: z.string(), overlay: z.string() }).partial().optional() })
const Side = z.object({ images: z.array(Image) })
const EarlierReport = z.object({
  software: z.object({ name: z.literal('Zaoshai') }),
  sides: z.object({ L: Side, R: Side }),
})

const TEMPORARY = /^(?<pid>\d+)\.(?<machine>[0-9a-f]{8})\.[0-9a-f]{8}\.tmp(?<old>\.old)?$/

/**
 * A folder that appears whole or not at all: written beside its place under a temporary name, then renamed into it.
 * An empty folder or an earlier report in its place is replaced; whatever else is there is left alone and refused.
 * What a killed process left of its own is cleared away by the next one that writes into the same place.
 */
export class ResultFolder {
  private readonly target: string
  private readonly temporary: string

  private constructor(target: string, temporary: string) {
    this.target = target
    this.temporary = temporary
  }

  /** @throws OUTPUT_EXISTS when the place is taken by something else; OUTPUT_UNWRITABLE. */
  static async open(out: string): Promise<ResultFolder> {
    const target = path.resolve(out)
    const leftovers = await leftoversOf(target)
    await writing(target, () => putBack(target, leftovers))
    await refuseStrangers(target)
    await clear(leftovers)
    const unique = `${process.pid}.${MACHINE}.${crypto.randomUUID().slice(0, 8)}`
    const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${unique}.tmp`)
    await writing(target, () => makeFolder(temporary))
    return new ResultFolder(target, temporary)
  }

  /** @param file relative path. */
  async write(file: string, content: Uint8Array | string): Promise<void> {
    const full = path.join(this.temporary, file)
    await writing(full, async () => {
      await makeFolder(path.dirname(full))
      await writeFile(full, content, { flush: true })
    })
  }

  /** Puts the folder in its place. */
  async finish(): Promise<void> {
    // again: something may have been put there in the meantime
    await refuseStrangers(this.target)
    const old = `${this.temporary}.old`
    await writing(this.target, async () => {
      const hadOld = await rename(this.target, old).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false
          throw error
        },
      )
      try {
        await rename(this.temporary, this.target)
      } catch (error) {
        if (hadOld) await rename(old, this.target)
        throw error
      }
      if (!hadOld) return
      // under this name first: a process killed here must leave no half of a report that looks like a whole one
      await rename(old, this.temporary)
      await rm(this.temporary, { recursive: true, force: true })
    })
  }

  /** Leaves nothing of what was written, unless it was finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true })
  }
}

interface Leftover {
  readonly path: string
  /** An earlier report that was moved aside to make room, and not what was being written. */
  readonly isEarlier: boolean
}

/** What processes that are no more have left beside `target`. */
async function leftoversOf(target: string): Promise<Leftover[]> {
  const folder = path.dirname(target)
  const start = `.${path.basename(target)}.`
  // a folder that may not be listed may still be written into
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => {
    const parts = name.startsWith(start) ? TEMPORARY.exec(name.slice(start.length))?.groups : undefined
    if (parts === undefined || parts.machine !== MACHINE || isAlive(Number(parts.pid))) return []
    return [{ path: path.join(folder, name), isEarlier: parts.old !== undefined }]
  })
}

/** An earlier report whose place is free: the process died after moving it aside and before putting the new one there. */
async function putBack(target: string, leftovers: readonly Leftover[]): Promise<void> {
  const earlier = leftovers.find(({ isEarlier }) => isEarlier)
  if (earlier === undefined) return
  const isFree = await rmdir(target).then(
    () => true,
    (error) => systemCode(error) === 'ENOENT',
  )
  if (isFree) await rename(earlier.path, target)
}

/** Only once the place itself is known to be free or ours: otherwise an earlier report aside may be the only one. */
async function clear(leftovers: readonly Leftover[]): Promise<void> {
  for (const leftover of leftovers) {
    // it is in nobody's way: no reason to refuse the work
    await rm(leftover.path, { recursive: true, force: true }).catch(() => undefined)
  }
}

async function refuseStrangers(target: string): Promise<void> {
  const entries = await entriesOf(target, target)
  if (entries.length === 0) return
  const named = await filesOfReport(path.join(target, 'report.json'))
  const found = named === undefined ? 'report.json' : await firstStranger(target, entries, named)
  if (found !== undefined) throw new ScreeningError('OUTPUT_EXISTS', { output: path.basename(target), found })
}

async function firstStranger(
  target: string,
  entries: readonly Dirent[],
  named: ReadonlySet<string>,
): Promise<string | undefined> {
  for (const entry of entries) {
    if (entry.isFile() && OWN_FILES.has(entry.name)) continue
    if (!entry.isDirectory() || !OWN_FOLDERS.has(entry.name)) return entry.name
    const inside = await entriesOf(path.join(target, entry.name), target)
    const stranger = inside.find((file) => !file.isFile() || !named.has(`${entry.name}/${file.name}`))
    if (stranger !== undefined) return `${entry.name}/${stranger.name}`
  }
  return undefined
}

async function entriesOf(folder: string, target: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return []
    if (systemCode(error) === 'ENOTDIR') throw new ScreeningError('OUTPUT_EXISTS', { output: path.basename(target) })
    throw unwritable(target, error)
  })
}

/** The files that a report of ours names; undefined where there is none that can be read as such. */
async function filesOfReport(file: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const { sides } = EarlierReport.parse(JSON.parse(await readFile(file, 'utf8')))
    const markings = [...sides.L.images, ...sides.R.images].map(({ marking }) => marking)
    return new Set(markings.flatMap((marking) => [marking?.mask ?? [], marking?.overlay ?? []].flat()))
  } catch {
    return undefined
  }
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
