import { absent, isAbsent } from '#core/absent.ts'
import type { CodedValue, WordOf } from '#core/coded-features.ts'
import type { Side } from '#core/modality.ts'
import type { ImageReport, Lesion, ReadImage } from '#core/report.ts'

/** The distances from the nipple on two views of one lesion differ by no more than this. */
const TOLERANCE_MM = 10

/**
 * Clock position and quadrant of every lesion that a CC and an MLO of one side both show, put into its two images; the
 * other lesions say why they have none. Only views of one energy and one day are held against each other.
 */
export function withBothViews(images: readonly ImageReport[]): ImageReport[] {
  const located = new Map<Lesion, Pick<Lesion['features']['location'], 'clockPosition' | 'quadrant'>>()
  for (const cc of images) {
    if (!isMammogram(cc, 'CC')) continue
    const facing = images.filter((image): image is ReadImage => isMammogram(image, 'MLO') && isSameExposure(image, cc))
    const repeated = images.filter((image) => isMammogram(image, 'CC') && isSameExposure(image, cc)).length > 1
    if (facing.length === 0) continue
    const [ofCc, ofMlo] = [lesionsOf(cc), facing.flatMap(lesionsOf)]
    const pairs = repeated || facing.length > 1 ? [] : matched(ofCc, ofMlo)
    const unmatched = { clockPosition: absent('views-not-matched'), quadrant: absent('views-not-matched') }
    for (const lesion of [...ofCc, ...ofMlo]) if (!located.has(lesion)) located.set(lesion, unmatched)
    for (const [a, b] of pairs) {
      const told = { clockPosition: clockOf(a, b, cc.side), quadrant: quadrantOf(a, b) }
      located.set(a, told)
      located.set(b, told)
    }
  }
  return images.map((image) => withLocations(image, located))
}

function isMammogram(image: ImageReport, view: 'CC' | 'MLO'): image is ReadImage {
  return image.status === 'read' && image.modality === 'MG' && image.view === view
}

function isSameExposure(a: ImageReport, b: ImageReport): boolean {
  return a.side === b.side && a.energy === b.energy && a.date === b.date
}

function lesionsOf({ marking }: ReadImage): readonly Lesion[] {
  return isAbsent(marking) ? [] : marking.lesions
}

/** One on each view, or each the only one at the other's distance from the nipple; known distances must agree. */
function matched(ofCc: readonly Lesion[], ofMlo: readonly Lesion[]): (readonly [Lesion, Lesion])[] {
  if (ofCc.length === 1 && ofMlo.length === 1) {
    const [a, b] = [ofCc[0]!, ofMlo[0]!]
    return agrees(a, b) === false ? [] : [[a, b]]
  }
  return ofCc.flatMap((a) => {
    const alike = ofMlo.filter((b) => agrees(a, b))
    const [b] = alike
    const isOnly = b !== undefined && alike.length === 1 && ofCc.filter((other) => agrees(other, b)).length === 1
    return isOnly ? [[a, b] as const] : []
  })
}

/** Undefined where a distance is not known. */
function agrees(a: Lesion, b: Lesion): boolean | undefined {
  const [atA, atB] = [a, b].map(({ features }) => features.location.nippleDistanceMm)
  if (atA === undefined || atB === undefined || isAbsent(atA) || isAbsent(atB)) return undefined
  return Math.abs(atA.value - atB.value) <= TOLERANCE_MM
}

function quadrantOf(a: Lesion, b: Lesion): CodedValue<WordOf<'quadrant'>> {
  const [across, height] = [a.features.location.mediolateral, b.features.location.superoinferior]
  if (isAbsent(across)) return across
  if (isAbsent(height)) return height
  if (across.word === 'central' && height.word === 'central') return behindNipple(a, b)
  if (across.word === 'central' || height.word === 'central') return absent('between-quadrants')
  const level = height.word === 'superior' ? 'upper' : 'lower'
  return { word: `${level}-${across.word === 'lateral' ? 'outer' : 'inner'}` }
}

function behindNipple(a: Lesion, b: Lesion): CodedValue<WordOf<'quadrant'>> {
  const [depth, other] = [a.features.location.depthThird, b.features.location.depthThird]
  if (isAbsent(depth)) return depth
  if (isAbsent(other)) return other
  return { word: depth.word === 'anterior' && other.word === 'anterior' ? 'subareolar' : 'central' }
}

function clockOf(a: Lesion, b: Lesion, side: Side): CodedValue<WordOf<'clockPosition'>> {
  const { mediolateral, lateralOffsetMm } = a.features.location
  const { superoinferior, superiorOffsetMm } = b.features.location
  for (const value of [mediolateral, superoinferior, lateralOffsetMm, superiorOffsetMm])
    if (isAbsent(value)) return value
  if (isAbsent(mediolateral) || isAbsent(superoinferior) || isAbsent(lateralOffsetMm) || isAbsent(superiorOffsetMm)) {
    return absent('orientation-not-given')
  }
  if (mediolateral.word === 'central' && superoinferior.word === 'central') return absent('no-direction')
  return { word: hourOf(lateralOffsetMm.value, superiorOffsetMm.value, side) }
}

/** The nearest hour, seen facing the woman: lateral of her right breast is toward 9 o'clock, of her left toward 3. */
export function hourOf(lateral: number, superior: number, side: Side): WordOf<'clockPosition'> {
  // from lateral alone, so that a mirror image is rounded as its original is
  const hours = Math.round((Math.atan2(lateral, superior) * 6) / Math.PI)
  const hour = ((side === 'L' ? hours : -hours) + 12) % 12
  return String(hour === 0 ? 12 : hour) as WordOf<'clockPosition'>
}

function withLocations(
  image: ImageReport,
  located: ReadonlyMap<Lesion, Pick<Lesion['features']['location'], 'clockPosition' | 'quadrant'>>,
): ImageReport {
  if (image.status !== 'read' || isAbsent(image.marking)) return image
  const lesions = image.marking.lesions.map((lesion) => {
    const { features } = lesion
    const told = located.get(lesion)
    const isEntered = !isAbsent(features.location.clockPosition)
    if (told === undefined || isEntered) return lesion
    return { ...lesion, features: { ...features, location: { ...features.location, ...told } } }
  })
  return { ...image, marking: { ...image.marking, lesions } }
}
