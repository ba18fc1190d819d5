/** A small evaluation set for tests: bundled images with the doctors' outlines, and a blank one that is made up. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { encodePng } from '#imaging/encode.ts'

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples')
const [ULTRASOUND, WOMAN] = [path.join(EXAMPLES, 'ultrasound-one-side'), path.join(EXAMPLES, 'cesm-p313')]

/** An id that breaks out of markup wherever it is not escaped. */
export const HOSTILE_ID = `"><script>alert(1)</script>&amp;`

/** Id and facts of the set's images, in the manifest's order. */
export const EXAMPLE_IMAGES = [
  { id: HOSTILE_ID, modality: 'US', lesion: true, patient: '0888' },
  { id: 'made-up-blank', modality: 'US', lesion: false, patient: 'none' },
  { id: 'P313_R_DM_CC', modality: 'MG', lesion: true, patient: 'P313' },
  { id: 'P313_R_CM_CC', modality: 'MG', lesion: true, patient: 'P313' },
] as const

/** Writes the manifest and the blank image into a folder. @returns the manifest's path. */
export async function writeExampleManifest(folder: string): Promise<string> {
  const grey = { width: 96, height: 64, channels: 1, bitDepth: 8, data: new Uint8Array(96 * 64).fill(60) } as const
  await writeFile(path.join(folder, 'blank.png'), await encodePng(grey))
  const rows = EXAMPLE_IMAGES.map(({ id, modality, lesion, patient }) => {
    const [image, mask] = lesion ? filesOf(id, modality) : ['blank.png', '']
    const cells = [id, image, mask, lesion ? 'malignant' : 'normal', 'val', modality, patient]
    return [...cells, modality === 'MG' ? (id.includes('_DM_') ? 'low-energy' : 'subtracted') : ''].map(quoted).join()
  })
  const file = path.join(folder, 'manifest.csv')
  await writeFile(file, `id,image,mask,class,split,modality,patient,energy\n${rows.join('\n')}\n`)
  return file
}

function filesOf(id: string, modality: 'US' | 'MG'): [image: string, mask: string] {
  if (modality === 'MG') return [path.join(WOMAN, `${id}.jpg`), path.join(WOMAN, 'ground-truth', `${id}.png`)]
  return [path.join(ULTRASOUND, 'bus_0888-l.png'), path.join(ULTRASOUND, 'ground-truth', 'bus_0888-l.png')]
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
