import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
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
  /** As `config.json` has it now, with what changed on resuming. */
  readonly config: RunConfig
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

/** Settings that may change when a run is resumed, so that one that diverged or ran out of memory can go on. */
const CHANGEABLE: readonly string[] = ['learningRate', 'newLearningRate', 'trunkLearningRate', 'batch']

/** All that decides a run's result. */
export interface RunConfig {
  readonly settings?: object
  /** What the changeable settings were before the run was resumed with others, the earliest first. */
  readonly changed?: readonly Readonly<Record<string, unknown>>[]
  readonly [part: string]: unknown
}

/** Names a run whatever its changeable settings are: SHA-256 of the rest. */
export function runHash(config: RunConfig): string {
  return createHash('sha256')
    .update(JSON.stringify(withoutChangeable(config)))
    .digest('hex')
}

/**
 * Takes a run folder: a new one, or with `resume` one whose configuration is the same but for changeable settings.
 * @throws RUN_FOLDER_BUSY when another run holds it; RUN_FOLDER_TAKEN when it holds a run and `resume` is not asked;
 *   RUN_FOLDER_DIFFERS when the run in it had another configuration or there is none to resume; RUN_FOLDER_UNWRITABLE.
 */
export async function openRunFolder(folder: string, config: RunConfig, resume: boolean): Promise<RunFolder> {
  const release = await writing(folder, async () => {
    await makeFolder(folder)
    return lock(folder)
  })
  let settled: RunConfig
  try {
    settled = await settleConfig(folder, config, resume)
    await clearUnfinished(folder)
  } catch (error) {
    await release()
    throw error
  }
  const metricsFile = path.join(folder, 'metrics.jsonl')
  return {
    folder,
    config: settled,
    resumed: resume,
    file: (name) => path.join(folder, name),
    has: (name) => existsSync(path.join(folder, name)),
    record: (epoch) => writing(metricsFile, () => appendLine(metricsFile, JSON.stringify(EpochRecord.parse(epoch)))),
    history: () => readHistory(metricsFile),
    rewind: async (epoch) => {
      const kept = (await readHistory(metricsFile)).filter((record) => record.epoch < epoch)
      await writeRunFile(metricsFile, kept.map((record) => `${JSON.stringify(record)}\n`).join(''))
    },
    close: release,
  }
}

/** Removes what a killed process had not finished writing; nobody else writes here while the lock is held. */
async function clearUnfinished(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\..*\.tmp$/.test(name))
  for (const name of names) await rm(path.join(folder, name), { force: true })
}

/** Writes a file of a run whole or not at all. @throws RUN_FOLDER_UNWRITABLE */
export function writeRunFile(file: string, content: Uint8Array | string): Promise<void> {
  return writing(file, () => writeWhole(file, content))
}

async function writing<T>(place: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (cause instanceof ScreeningError) throw cause
    const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new ScreeningError(
      'RUN_FOLDER_UNWRITABLE',
      { output: path.basename(path.resolve(place)), problem },
      { cause },
    )
  }
}

async function settleConfig(folder: string, config: RunConfig, resume: boolean): Promise<RunConfig> {
  const file = path.join(folder, 'config.json')
  const found = existsSync(file) ? parseConfig(await readFile(file, 'utf8')) : undefined
  const write = (settled: RunConfig) => writeRunFile(file, `${JSON.stringify(settled, null, 2)}\n`)
  if (!resume) {
    if (found !== undefined) throw new ScreeningError('RUN_FOLDER_TAKEN', { folder: path.basename(folder) })
    await write(config)
    return config
  }
  if (found === undefined) throw new ScreeningError('RUN_FOLDER_DIFFERS', { found: 'no run to resume' })
  const wanted = JSON.parse(JSON.stringify(config)) as RunConfig
  const differing = differences(withoutChangeable(found), withoutChangeable(wanted))
  if (differing.length > 0) throw new ScreeningError('RUN_FOLDER_DIFFERS', { settings: differing })
  const before = changeable(found)
  const changed = [...(found.changed ?? []), ...(differences(before, changeable(wanted)).length > 0 ? [before] : [])]
  if (changed.length === 0) return found
  const settled = { ...wanted, changed }
  await write(settled)
  return settled
}

function parseConfig(text: string): RunConfig {
  try {
    return JSON.parse(text) as RunConfig
  } catch (cause) {
    throw new ScreeningError('RUN_FOLDER_DIFFERS', { found: 'config.json is damaged' }, { cause })
  }
}

function changeable({ settings = {} }: RunConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => CHANGEABLE.includes(name)))
}

function withoutChangeable({ changed: _, ...config }: RunConfig): RunConfig {
  if (config.settings === undefined) return config
  const kept = Object.entries(config.settings).filter(([name]) => !CHANGEABLE.includes(name))
  return { ...config, settings: Object.fromEntries(kept) }
}

/** Where two configurations differ: `settings.seed`, `data.sha256`. */
function differences(a: object, b: object, within = ''): string[] {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const [one, other] = [left.get(name), right.get(name)]
    if (JSON.stringify(one) === JSON.stringify(other)) return []
    return isRecord(one) && isRecord(other) ? differences(one, other, `${within}${name}.`) : [`${within}${name}`]
  })
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
