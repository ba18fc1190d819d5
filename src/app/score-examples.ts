import { appendFile, readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { isAbsent } from '#core/absent.ts'
import type { FeatureName, FeatureValue } from '#core/features.ts'
import { components } from '#imaging/components.ts'
import { loadImage } from '#training/dataset.ts'
import type { ManifestRow } from '#training/manifest.ts'
import { regionOverlap } from '#training/metrics.ts'
import { ScoredExample } from '#training/score-examples.ts'
import { measureMarked } from './measure-marked.ts'
import type { Segmenter } from './segment.ts'

/**
 * What a segmenter marks on images whose class is known, measured as `assess` measures it.
 */
export async function scoreExample(
  row: ManifestRow,
  segmenter: Pick<Segmenter, 'standardise' | 'segment'>,
  hasMarks: boolean | null,
): Promise<ScoredExample> {
  const { raster, truth } = await loadImage(row)
  const found = await segmenter.segment(segmenter.standardise(raster, row.modality), row.modality)
  const doctors = components(truth)
  const features = measureMarked(raster, found, row.modality)
  const regions = found.regions.map(({ region }, i) => ({
    dice: regionOverlap(region, doctors).dice,
    values: numbersOf(features[i]!),
  }))
  return {
    id: row.id,
    cluster: row.cluster,
    class: row.class,
    hasMarks,
    presence: isAbsent(found.presence) ? null : found.presence,
    regions,
  }
}

function numbersOf(features: Readonly<Record<FeatureName, FeatureValue>>): ScoredExample['regions'][number]['values'] {
  const values = Object.entries(features).map(([name, value]) => [name, isAbsent(value) ? null : value.value])
  return Object.fromEntries(values)
}

/** Ids of the rows of a manifest with burned-in marks; undefined where it has no column that says so. */
export async function rowsWithMarks(manifest: string): Promise<ReadonlySet<string> | undefined> {
  const rows: { id: string; overlay_suspect?: string }[] = parse(await readFile(manifest), {
    columns: true,
    bom: true,
    trim: true,
  })
  if (rows[0]?.overlay_suspect === undefined) return undefined
  return new Set(rows.filter((row) => row.overlay_suspect === '1').map(({ id }) => id))
}

/**
 * The examples of some rows, each image looked at once: what an earlier run put into `cacheFile` (one JSON document a line)
 * is read from there.
 */
export async function collectExamples(
  rows: readonly ManifestRow[],
  open: () => Promise<Segmenter & AsyncDisposable>,
  { cacheFile, marks, onExample }: CollectOptions,
): Promise<ScoredExample[]> {
  const known = new Map((await cached(cacheFile)).map((example) => [example.id, example]))
  const missing = rows.filter(({ id }) => !known.has(id))
  await using segmenter = missing.length > 0 ? await open() : undefined
  for (const [done, row] of missing.entries()) {
    if (segmenter === undefined) break
    const example = await scoreExample(row, segmenter, marks === undefined ? null : marks.has(row.id))
    known.set(row.id, example)
    await appendFile(cacheFile, `${JSON.stringify(example)}\n`)
    onExample?.(done + 1, missing.length)
  }
  return rows.map(({ id }) => known.get(id)!)
}

export interface CollectOptions {
  readonly cacheFile: string
  /** Ids of images with burned-in marks; left out where nobody says. */
  readonly marks?: ReadonlySet<string> | undefined
  readonly onExample?: ((done: number, total: number) => void) | undefined
}

async function cached(file: string): Promise<ScoredExample[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  // A line that a kill has torn is looked at again.
  return text.split('\n').flatMap((line) => ScoredExample.safeParse(parsedOr(line)).data ?? [])
}

function parsedOr(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
