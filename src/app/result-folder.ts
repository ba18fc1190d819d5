import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'

/** What an earlier run of the same command left: it may be replaced, anything else may not. */
const OWN_ENTRIES: ReadonlySet<string> = new Set(['report.json', 'report.html', 'masks', 'overlays'])

/**
 * A folder that appears whole or not at all: written beside its place under a temporary name, then renamed into it.
 * An empty folder or an earlier report in its place is replaced; whatever else is there is left alone and refused.
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
    await refuseStrangers(target)
    const unique = `${process.pid}.${crypto.randomUUID().slice(0, 8)}`
    const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${unique}.tmp`)
    await writing(target, () => mkdir(temporary, { recursive: true }))
    return new ResultFolder(target, temporary)
  }

  /** @param file relative path. */
  async write(file: string, content: Uint8Array | string): Promise<void> {
    const full = path.join(this.temporary, file)
    await writing(full, async () => {
      await mkdir(path.dirname(full), { recursive: true })
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
      if (hadOld) await rm(old, { recursive: true, force: true })
    })
  }

  /** Leaves nothing of what was written, unless it was finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true })
  }
}

async function refuseStrangers(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw new ScreeningError('OUTPUT_EXISTS', { output: path.basename(target) })
    throw unwritable(target, error)
  })
  if (entries.length === 0) return
  const stranger = entries.find((entry) => !OWN_ENTRIES.has(entry))
  if (stranger !== undefined || !(await isReport(path.join(target, 'report.json')))) {
    throw new ScreeningError('OUTPUT_EXISTS', { output: path.basename(target), found: stranger ?? 'report.json' })
  }
}

/** Only what one of our reports has; its version does not matter. */
async function isReport(file: string): Promise<boolean> {
  try {
    return JSON.parse(await readFile(file, 'utf8')).software?.name === 'Zaoshai'
  } catch {
    return false
  }
}

async function writing<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    throw unwritable(file, cause)
  }
}

function unwritable(file: string, cause: unknown): ScreeningError {
  const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  return new ScreeningError('OUTPUT_UNWRITABLE', { output: path.basename(file), problem }, { cause })
}
