import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { Modality } from '#core/modality.ts'
import { joinManifests, type Manifest, readManifest } from '#training/manifest.ts'

/**
 * Reads manifests of training or evaluation. `US:busi/manifest.csv` says what the images of that one are of; a
 * manifest's own `modality` column goes before it, `modality` stands in where neither says.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK
 */
export async function readManifests(named: readonly string[], modality: Modality | undefined): Promise<Manifest> {
  const manifests = await Promise.all(
    named.map((name) => {
      const { file, prefix } = parsed(name)
      return readManifest(file, prefix ?? modality)
    }),
  )
  return joinManifests(manifests)
}

function parsed(name: string): { readonly file: string; readonly prefix: Modality | undefined } {
  const prefix = Modality.options.find((option) => name.startsWith(`${option}:`))
  return { file: prefix === undefined ? name : name.slice(prefix.length + 1), prefix }
}

/** Where a data set comes from and what its licence allows; a model that learned from it carries this. */
export const Source = z.strictObject({
  /** Name of the folder that the manifest stands in. */
  dataset: z.string().min(1),
  title: z.string().min(1),
  licence: z.string().min(1),
  /** How to cite it, or whom to ask. */
  citation: z.string().min(1),
})
export type Source = z.infer<typeof Source>

/** Reads the `dataset.json` that may stand beside each manifest: title, licence, citation. @throws MANIFEST_INVALID */
export async function readSources(named: readonly string[]): Promise<Source[]> {
  const folders = new Set(named.map((name) => path.dirname(path.resolve(parsed(name).file))))
  const sources = await Promise.all([...folders].map(readSource))
  return sources.filter((source) => source !== undefined)
}

async function readSource(folder: string): Promise<Source | undefined> {
  const dataset = path.basename(folder)
  const text = await readFile(path.join(folder, 'dataset.json'), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw new ScreeningError(
      'MANIFEST_INVALID',
      { dataset, file: 'dataset.json', problem: 'cannot be read' },
      { cause },
    )
  })
  if (text === undefined) return undefined
  try {
    return { dataset, ...Source.omit({ dataset: true }).parse(JSON.parse(text)) }
  } catch (cause) {
    const problem = 'it needs title, licence and citation, and nothing else'
    throw new ScreeningError('MANIFEST_INVALID', { dataset, file: 'dataset.json', problem }, { cause })
  }
}
