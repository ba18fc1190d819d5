import { existsSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { appendLine, makeFolder, writeWhole } from '#disk/durable.ts'
import { isAlive } from '#disk/owner.ts'

/** Mean agreement over some lesion images, and over how many. */
const Agreement = z.object({ images: z.int(), dice: z.number(), iou: z.number() })

/** What one epoch came to: one line of `metrics.jsonl`. */
export const EpochRecord = z.object({
  epoch: z.int(),
  /** Steps done since the run began. */
  steps: z.int(),
  seconds: z.number(),
  learningRateScale: z.number(),
  /** Mean over the epoch's steps: the total and each of its terms. */
  losses: z.record(z.string(), z.number()),
  /** Unaugmented training images, a fixed sample of them. */
  train: Agreement,
  val: Agreement,
  /** Mean Dice on validation lesions of each data set. */
  valPerDataset: z.record(z.string(), z.number()),
  /** On validation lesions, of the masks before the second look. */
  firstLookDice: z.number(),
  presenceAuc: z.number().nullable(),
  /** The figure that early stopping and the best checkpoint go by. */
  score: z.number(),
  best: z.boolean(),
})
export type EpochRecord = z.infer<typeof EpochRecord>

/**
 * The folder of one training run: `config.json` (settings, data hash, seed, versions), `metrics.jsonl`, checkpoints
 * and the learning curve. One process owns it at a time.
 */
export interface RunFolder {
  readonly folder: string
  readonly resumed: boolean
  file(name: string): string
  has(name: string): boolean
  /** Appends to `metrics.jsonl`, flushed to the disk. */
  record(epoch: EpochRecord): Promise<void>
  history(): Promise<EpochRecord[]>
  /** Forgets the records from `epoch` on: a resumed run does those epochs again. */
  rewind(epoch: number): Promise<void>
  close(): Promise<void>
}

/**
 * Takes a run folder: a new one, or with `resume` one whose configuration is the same.
 * @throws RUN_FOLDER_BUSY when another run holds it; RUN_FOLDER_TAKEN when it holds a run and `resume` is not asked;
 *   RUN_FOLDER_DIFFERS when the run in it had another configuration or there is none to resume.
 */
export async function openRunFolder(folder: string, config: object, resume: boolean): Promise<RunFolder> {
  await makeFolder(folder)
  const release = await lock(folder)
  try {
    await settleConfig(folder, config, resume)
  } catch (error) {
    await release()
    throw error
  }
  const metricsFile = path.join(folder, 'metrics.jsonl')
  return {
    folder,
    resumed: resume,
    file: (name) => path.join(folder, name),
    has: (name) => existsSync(path.join(folder, name)),
    record: (epoch) => appendLine(metricsFile, JSON.stringify(EpochRecord.parse(epoch))),
    history: () => readHistory(metricsFile),
    rewind: async (epoch) => {
      const kept = (await readHistory(metricsFile)).filter((record) => record.epoch < epoch)
      await writeWhole(metricsFile, kept.map((record) => `${JSON.stringify(record)}\n`).join(''))
    },
    close: release,
  }
}

async function settleConfig(folder: string, config: object, resume: boolean): Promise<void> {
  const file = path.join(folder, 'config.json')
  const text = `${JSON.stringify(config, null, 2)}\n`
  const found = existsSync(file) ? await readFile(file, 'utf8') : undefined
  if (!resume) {
    if (found !== undefined) throw new ScreeningError('RUN_FOLDER_TAKEN', { folder: path.basename(folder) })
    await writeWhole(file, text)
    return
  }
  if (found === undefined) throw new ScreeningError('RUN_FOLDER_DIFFERS', { found: 'no run to resume' })
  const differing = differences(JSON.parse(found), JSON.parse(text))
  if (differing.length > 0) throw new ScreeningError('RUN_FOLDER_DIFFERS', { settings: differing })
}

function differences(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
}

/** The records of a `metrics.jsonl`. A line torn by a kill is not a record; it can only be the last. */
export async function readHistory(file: string): Promise<EpochRecord[]> {
  if (!existsSync(file)) return []
  const lines = (await readFile(file, 'utf8')).split('\n')
  return lines.slice(0, -1).map((line) => EpochRecord.parse(JSON.parse(line)))
}

const Owner = z.object({ pid: z.int(), host: z.string(), token: z.string() })

/** The locks that this process holds: one of its number but not among them was left by a killed process of that number. */
const held = new Set<string>()

async function lock(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'run.lock')
  const token = crypto.randomUUID()
  held.add(token)
  const release = async () => {
    await rm(file, { force: true })
    held.delete(token)
  }
  for (let attempt = 0; attempt < 5; attempt++) {
    const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (handle === undefined) {
      await clearIfDead(file, folder)
      continue
    }
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: os.hostname(), token }))
    } catch (error) {
      await release()
      throw error
    } finally {
      await handle.close()
    }
    return release
  }
  throw new ScreeningError('RUN_FOLDER_BUSY', { folder: path.basename(folder) })
}

/** A lock that is still empty after this time was left by a process that was killed before it could sign it. */
const UNSIGNED_MS = 5000

/** Removes the lock of a process that is no more; by renaming first, so that of two claimants one only removes it. */
async function clearIfDead(file: string, folder: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now())
  if (text === '' && age < UNSIGNED_MS) return new Promise((resolve) => setTimeout(resolve, 50))
  const owner = text === '' ? undefined : Owner.parse(JSON.parse(text))
  if (owner !== undefined && isOwned(owner)) {
    throw new ScreeningError('RUN_FOLDER_BUSY', { folder: path.basename(folder), pid: owner.pid, host: owner.host })
  }
  const aside = `${file}.${crypto.randomUUID()}`
  await rename(file, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => '')
  if (moved !== '' && moved !== text) await rename(aside, file)
  else await rm(aside, { force: true })
}

/** Of a process on another machine nothing is known here. */
function isOwned({ pid, host, token }: z.infer<typeof Owner>): boolean {
  if (host !== os.hostname()) return true
  return pid === process.pid ? held.has(token) : isAlive(pid)
}
