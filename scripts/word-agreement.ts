/**
 * How far the words of form of doctors' outlines agree with words that a doctor gave, and with those of other pixels and of a
 * mirror image; or, with --masks, with those of other outlines. Ultrasound alone.
 *
 *     node scripts/word-agreement.ts MANIFEST.csv [--masks FOLDER]
 *
 * MANIFEST.csv: image and mask (paths from its folder), one row an image; group, where images belong together; shape, margin, posteriorFeatures as a doctor gave them,
 * where known, in the words of `zaoshai features`. FOLDER: other masks, called as the images, as `zaoshai segment` writes them.
 * The largest region of a mask counts; it is the same lesion on another mask where the bounds of both overlap by a fifth (IoU).
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'csv-parse/sync'
import sharp from 'sharp'
import type { MassWordName } from '#core/coded-features.ts'
import { seededRandom } from '#core/random.ts'
import { describeMass, FEATURES_OF_WORDS, type MassSubject } from '#features/lexicon.ts'
import { measureSome } from '#features/measure.ts'
import { breastRegion } from '#imaging/breast-region.ts'
import { type BoundsPx, components } from '#imaging/components.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { bootstrapInterval } from '#training/bootstrap.ts'
import { usage } from './usage.ts'
import { agreementOf } from './word-agreement/kappa.ts'

type Told = Partial<Record<MassWordName, string>>
interface Described {
  readonly told: Told
  readonly boundsPx: BoundsPx
}

interface Compared {
  readonly first: Told
  readonly second: Told
  readonly cluster: string
}

const WORDS: readonly MassWordName[] = ['shape', 'orientation', 'margin', 'posteriorFeatures']
const RESAMPLES = 1000

const { positionals, values } = parseArgs({ allowPositionals: true, options: { masks: { type: 'string' } } })
const [manifest] = positionals
if (manifest === undefined) usage('Name a manifest: node scripts/word-agreement.ts MANIFEST.csv [--masks FOLDER]')
const rows: Readonly<Record<string, string>>[] = parse(readFileSync(manifest), { columns: true })

/** What is compared with the words of the doctors' outlines, pair by pair. */
const pairs: Readonly<Record<string, Compared[]>> = {
  'words a doctor gave': [],
  'words a doctor gave, of the other outline': [],
  'the other outline': [],
  'twice as many pixels each way': [],
  'half as many': [],
  'a mirror image': [],
}

for (const [i, row] of rows.entries()) {
  const note = (title: string, first: Told, second: Told) =>
    pairs[title]!.push({ first, second, cluster: row.group || `${i}` })
  const [image, mask] = [row.image, row.mask].map((file) => readFileSync(path.resolve(path.dirname(manifest), file!)))
  const drawn = await describe(image!, mask!)
  if (drawn === undefined) continue
  const given = Object.fromEntries(WORDS.flatMap((name) => (row[name] ? [[name, row[name]]] : [])))
  if (values.masks !== undefined) {
    const other = await describeOther(values.masks, image!, row.image!)
    const told = other !== undefined && overlap(other.boundsPx, drawn.boundsPx) > 0.2 ? other.told : {}
    note('words a doctor gave, of the other outline', given, told)
    note('the other outline', drawn.told, told)
    continue
  }
  note('words a doctor gave', given, drawn.told)
  for (const [title, told] of Object.entries(await variantsOf(image!, mask!))) note(title, drawn.told, told)
}

for (const [title, compared] of Object.entries(pairs)) {
  for (const name of WORDS) {
    const both = compared.flatMap(({ first, second, cluster }) => {
      const pair = [first[name], second[name]] as const
      return isTold(pair) ? [{ pair, cluster }] : []
    })
    if (both.length === 0) continue
    const { count, observed, kappa } = agreementOf(both.map(({ pair }) => pair))
    const interval = bootstrapInterval(
      both,
      ({ cluster }) => cluster,
      (sample) => agreementOf(sample.map(({ pair }) => pair)).kappa,
      seededRandom(1),
      RESAMPLES,
    )
    const between = interval === null ? '' : ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]`
    console.log(
      `${title.padEnd(42)} ${name.padEnd(18)} n ${count}, the same ${(100 * observed).toFixed(0)}%, kappa ${kappa.toFixed(2)}${between}`,
    )
  }
}

function isTold(pair: readonly [string | undefined, string | undefined]): pair is readonly [string, string] {
  return pair[0] !== undefined && pair[1] !== undefined
}

/** As a doctor's outline, whoever drew it: what the words would be. */
async function describe(imageBytes: Uint8Array, maskBytes: Uint8Array): Promise<Described | undefined> {
  const image = toGrey(await decodeImage(imageBytes, 'image'))
  const marked = await decodeMask(maskBytes, 'mask')
  const [largest] = components(marked)
  if (largest === undefined) return undefined
  const breast = breastRegion(image, 'US')
  const tissue = breast.areaPx > 0 ? breast : undefined
  const lesion = { image, region: largest.mask, marked, tissue, modality: 'US' } as const
  const features = measureSome(lesion, FEATURES_OF_WORDS) as MassSubject['features']
  const words = describeMass({ features, modality: 'US', outlinedBy: 'doctor' })
  const told = WORDS.flatMap((name) => {
    const value = words[name]
    return 'absent' in value ? [] : [[name, value.word]]
  })
  return { told: Object.fromEntries(told), boundsPx: largest.boundsPx }
}

/** The same picture and outline on other pixels. */
async function variantsOf(image: Uint8Array, mask: Uint8Array): Promise<Record<string, Told>> {
  const { width = 0, height = 0 } = await sharp(image).metadata()
  const scaled = async (factor: number) => {
    const size = [Math.round(factor * width), Math.round(factor * height)] as const
    const picture = await sharp(image)
      .resize(...size, { fit: 'fill' })
      .png()
      .toBuffer()
    const outline = await sharp(mask)
      .resize(...size, { fit: 'fill', kernel: 'nearest' })
      .png()
      .toBuffer()
    return (await describe(picture, outline))?.told ?? {}
  }
  const mirror = await describe(await sharp(image).flop().png().toBuffer(), await sharp(mask).flop().png().toBuffer())
  return {
    'twice as many pixels each way': await scaled(2),
    'half as many': await scaled(0.5),
    'a mirror image': mirror?.told ?? {},
  }
}

async function describeOther(folder: string, image: Uint8Array, name: string): Promise<Described | undefined> {
  const file = path.join(folder, `${path.parse(name).name}.png`)
  return existsSync(file) ? describe(image, readFileSync(file)) : undefined
}

function overlap(a: BoundsPx, b: BoundsPx): number {
  const across = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const down = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top)
  const shared = Math.max(0, across) * Math.max(0, down)
  return shared / (a.width * a.height + b.width * b.height - shared)
}
