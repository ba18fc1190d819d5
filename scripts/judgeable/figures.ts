import { existsSync } from 'node:fs'
import { isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { judgeability } from '#imaging/judgeable.ts'
import { exactInterval } from '#training/exact-interval.ts'
import { read, SYNTHETIC_COUNT } from './cases.ts'
import { ofFolder, ofManifest, type Picture } from './pictures.ts'
import { DEVICES, GREY, POOR, TURNED, VARIANTS, type Variant } from './variants.ts'
import { phantom, SYNTHETIC, synthetic } from './wrong.ts'

export interface FigureOptions {
  readonly data: string
  readonly photographs: string
  /** NAME=FOLDER of further pictures, all offered as ultrasound. */
  readonly more: readonly string[]
}

/** scikit-image's example pictures, where Debian puts them. */
const SCIKIT_IMAGE = '/usr/lib/python3/dist-packages/skimage/data'

/** Counts of what was offered as one modality. */
class Tally {
  readonly reasons = new Map<string, number>()
  readonly refusedIds: string[] = []
  readonly refusedMalignant: string[] = []
  offered = 0

  add(raster: RasterImage, modality: Modality, { id, isMalignant }: Pick<Picture, 'id' | 'isMalignant'>) {
    const judgement = judgeability(raster, modality)
    this.offered++
    if (!isAbsent(judgement)) return
    this.reasons.set(judgement.absent, (this.reasons.get(judgement.absent) ?? 0) + 1)
    this.refusedIds.push(id)
    if (isMalignant) this.refusedMalignant.push(id)
  }

  row(name: string): string {
    const refused = this.refusedIds.length
    const { low, high } = exactInterval(refused, this.offered)
    const percent = (share: number) => `${(100 * share).toFixed(1)}%`
    const reasons = [...this.reasons].map(([reason, count]) => `${count} ${reason}`).join(', ')
    return `| ${name} | ${refused} of ${this.offered} | ${percent(refused / this.offered)} (${percent(low)} to ${percent(high)}) | ${reasons} |`
  }
}

/** Prints Markdown tables: what of the valid is refused, what of the wrong, and what of pictures that are neither. */
export async function printFigures({ data, photographs, more }: FigureOptions): Promise<void> {
  const busi = ofManifest(data, 'busi')
  const val = busi.filter(({ part }) => part === 'held-out')
  heading('Valid ultrasound offered as ultrasound')
  await print(
    'BUSI train (develop)',
    busi.filter(({ part }) => part === 'develop'),
  )
  for (const variant of VARIANTS) await print(`BUSI val, ${variant.name}`, val, 'US', variant)
  heading('BUSI val as other devices, poor pictures and turned ones')
  for (const variant of [...DEVICES, ...POOR, ...TURNED]) await print(`BUSI val, ${variant.name}`, val, 'US', variant)

  const wrong = ['cesm', 'mias', 'thermo_landmarks', 'thermo_temperature'].map((set) => ofManifest(data, set))
  const photos = ofFolder(photographs, 'photographs', true)
  heading('Wrong pictures offered as ultrasound, held-out parts')
  for (const pictures of wrong) await print(pictures[0]!.set, heldOut(pictures))
  await print('photographs', heldOut(photos))
  await print('photographs in grey', heldOut(photos), 'US', GREY)
  if (existsSync(SCIKIT_IMAGE)) {
    await print('scikit-image example pictures', ofFolder(SCIKIT_IMAGE, 'scikit-image', false))
  }
  await printSynthetic('US')
  heading('Neither')
  const tally = new Tally()
  for (let i = 0; i < SYNTHETIC_COUNT; i++) tally.add(phantom(seededRandom(4, i)), 'US', { id: '', isMalignant: false })
  console.log(tally.row('phantom of speckle with cysts (simulated)'))
  for (const named of more) {
    const [name = '', folder = ''] = named.split('=')
    await print(name, ofFolder(folder, name, false))
  }

  heading('Offered as mammography')
  for (const pictures of [...wrong.slice(0, 2), ...wrong.slice(2), busi, photos])
    await print(pictures[0]!.set, pictures, 'MG')
  await printSynthetic('MG')
  heading('Offered as thermography')
  for (const pictures of [...wrong, busi]) await print(pictures[0]!.set, pictures, 'TG')
  await printSynthetic('TG')
}

/** The external set, offered as ultrasound. Not to be looked at for choosing anything. */
export async function printExternal(data: string): Promise<void> {
  heading('External')
  await print('BUS-BRA', ofManifest(data, 'busbra'))
}

const heldOut = (pictures: readonly Picture[]) => pictures.filter(({ part }) => part === 'held-out')

function heading(title: string): void {
  console.log(`\n## ${title}\n\n| pictures | refused | share (95% interval) | reasons |\n|---|---|---|---|`)
}

async function print(name: string, pictures: readonly Picture[], modality: Modality = 'US', variant?: Variant) {
  const tally = new Tally()
  for (const picture of pictures) {
    const raster = await read(picture).catch(() => undefined)
    if (raster !== undefined) tally.add((await variant?.make(raster)) ?? raster, modality, picture)
  }
  console.log(tally.row(name))
  const isWrong = !['busi', 'busbra'].includes(pictures[0]?.set ?? '')
  if (tally.refusedMalignant.length > 0 && !isWrong)
    console.log(`|   malignant: ${tally.refusedMalignant.join(', ')} | | | |`)
}

async function printSynthetic(modality: Modality): Promise<void> {
  for (const kind of SYNTHETIC) {
    const tally = new Tally()
    for (let i = 0; i < SYNTHETIC_COUNT; i++) {
      tally.add(await synthetic(kind, i, 'held-out'), modality, { id: String(i), isMalignant: false })
    }
    console.log(tally.row(`${kind.kind} (synthetic)`))
  }
}
