import { existsSync } from 'node:fs'
import { isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { exactInterval } from '#training/exact-interval.ts'
import { read, SYNTHETIC_COUNT } from './cases.ts'
import type { Judge } from './impressions.ts'
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
  readonly unfamiliarIds: string[] = []
  offered = 0

  readonly #judge: Judge

  constructor(judge: Judge) {
    this.#judge = judge
  }

  async add(raster: RasterImage, modality: Modality, { id, isMalignant }: Pick<Picture, 'id' | 'isMalignant'>) {
    const judgement = await this.#judge(raster, modality)
    this.offered++
    if (judgement === 'unfamiliar') this.unfamiliarIds.push(id)
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
    const share = `${percent(refused / this.offered)} (${percent(low)} to ${percent(high)})`
    return `| ${name} | ${refused} of ${this.offered} | ${share} | ${this.unfamiliarIds.length} | ${reasons} |`
  }
}

/** Prints Markdown tables: what of the valid is refused, what of the wrong, and what of pictures that are neither. */
export async function printFigures({ data, photographs, more }: FigureOptions, judge: Judge): Promise<void> {
  const print = printer(judge)
  const busi = ofManifest(data, 'busi')
  const val = heldOut(busi)
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
  await printSynthetic(judge, 'US')
  heading('Named folders')
  const tally = new Tally(judge)
  for (let i = 0; i < SYNTHETIC_COUNT; i++) {
    await tally.add(phantom(seededRandom(4, i)), 'US', { id: String(i), isMalignant: false })
  }
  console.log(tally.row('phantom of speckle with cysts (simulated)'))
  for (const named of more) {
    const [name = '', folder = ''] = named.split('=')
    await print(name, ofFolder(folder, name, false))
  }

  heading('Offered as mammography')
  for (const pictures of [...wrong, busi, photos]) await print(pictures[0]!.set, pictures, 'MG')
  await printSynthetic(judge, 'MG')
  heading('Offered as thermography')
  for (const pictures of [...wrong, busi]) await print(pictures[0]!.set, pictures, 'TG')
  await printSynthetic(judge, 'TG')
}

/** External sets, offered as ultrasound. Not to be looked at for choosing anything. */
export async function printExternal({ data, more }: Omit<FigureOptions, 'photographs'>, judge: Judge): Promise<void> {
  const print = printer(judge)
  heading('External')
  await print('BUS-BRA', ofManifest(data, 'busbra'))
  for (const named of more) {
    const [name = '', folder = ''] = named.split('=')
    await print(name, ofFolder(folder, name, false))
  }
}

const heldOut = (pictures: readonly Picture[]) => pictures.filter(({ part }) => part === 'held-out')

function heading(title: string): void {
  console.log(
    `\n## ${title}\n\n| pictures | refused | share (95% interval) | with a notice | reasons |\n|---|---|---|---|---|`,
  )
}

function printer(judge: Judge) {
  return async (name: string, pictures: readonly Picture[], modality: Modality = 'US', variant?: Variant) => {
    const tally = new Tally(judge)
    for (const picture of pictures) {
      const raster = await read(picture).catch(() => undefined)
      if (raster !== undefined) await tally.add((await variant?.make(raster)) ?? raster, modality, picture)
    }
    console.log(tally.row(name))
    const isWrong = !['busi', 'busbra'].includes(pictures[0]?.set ?? '')
    if (tally.refusedMalignant.length > 0 && !isWrong)
      console.log(`|   malignant: ${tally.refusedMalignant.join(', ')} | | | | |`)
  }
}

async function printSynthetic(judge: Judge, modality: Modality): Promise<void> {
  for (const kind of SYNTHETIC) {
    const tally = new Tally(judge)
    for (let i = 0; i < SYNTHETIC_COUNT; i++) {
      await tally.add(await synthetic(kind, i, 'held-out'), modality, { id: String(i), isMalignant: false })
    }
    console.log(tally.row(`${kind.kind} (synthetic)`))
  }
}
