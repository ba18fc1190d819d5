import { Modality } from '#core/modality.ts'
import { type Manifest, readManifest } from '#training/manifest.ts'

/**
 * Reads manifests of training or evaluation. `US:busi/manifest.csv` says what the images of that one are of; a
 * manifest's own `modality` column goes before it, `modality` stands in where neither says.
 * @throws MANIFEST_INVALID, MODALITY_UNKNOWN, SPLIT_LEAK
 */
export async function readManifests(named: readonly string[], modality: Modality | undefined): Promise<Manifest> {
  const manifests = await Promise.all(
    named.map((name) => {
      const prefix = Modality.options.find((option) => name.startsWith(`${option}:`))
      return prefix === undefined ? readManifest(name, modality) : readManifest(name.slice(prefix.length + 1), prefix)
    }),
  )
  return {
    rows: manifests.flatMap(({ rows }) => rows),
    badRows: manifests.flatMap(({ badRows }) => badRows),
  }
}
