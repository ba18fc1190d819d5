import { describe, expect, test } from 'vitest'
import { absent, isAbsent } from '#core/absent.ts'
import { FEATURE_NAMES, FEATURES, type FeatureValue } from '#core/features.ts'
import { GreyImage, type RasterImage, type Size } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import { measure } from '#features/measure.ts'
import { boxMean } from '#imaging/box-mean.ts'
import { burnedInMarks } from '#imaging/burned-in.ts'
import { components } from '#imaging/components.ts'
import { toGrey } from '#imaging/grey.ts'
import { syntheticUltrasound } from '#imaging/synthetic-ultrasound.ts'
import { breastArea } from './breast-area.ts'
import { measureMarked } from './measure-marked.ts'
import { measureRegion, visibleIn } from './measure-region.ts'

function pixels(size: Size, of: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: size.width * size.height }, (_, i) => of(i % size.width, Math.floor(i / size.width)))
}

describe('calipers over an ultrasound', () => {
  const size = { width: 500, height: 400 }
  const raw = syntheticUltrasound(size, seededRandom(1))
  // speckle as wide as a pulse: that of a single pixel is no echo
  const clean: RasterImage = {
    ...raw,
    data: Uint8Array.from(boxMean(Float32Array.from(raw.data), size, 1), Math.round),
  }
  /** Crosses in the region, on its edge and beside it. */
  const isDrawn = (x: number, y: number) =>
    [200, 240, 290].some((at) => (y === 150 && Math.abs(x - at) <= 5) || (x === at && Math.abs(y - 150) <= 5))
  const drawn: RasterImage = {
    ...clean,
    data: pixels(size, (x, y) => (isDrawn(x, y) ? 255 : clean.data[y * size.width + x]!)),
  }
  const mask = Mask.from(
    pixels(size, (x, y) => Number(Math.hypot(x - 240, 1.3 * (y - 150)) <= 40)),
    size,
  )
  const regions = components(mask).map((region) => ({ region, expectedDice: 0.8, bandAreaPx: 100 }))
  const given = { region: mask, marked: mask, modality: 'US' as const }

  test('are what is burned in, of that modality alone', () => {
    const { burnedIn } = visibleIn(drawn, breastArea(toGrey(drawn), { modality: 'US' }), 'US')
    expect(burnedIn!.data.filter((_, i) => isDrawn(i % 500, Math.floor(i / 500)))).not.toContain(0)
    expect(visibleIn(drawn, breastArea(toGrey(drawn), { modality: 'OT' }), 'OT').burnedIn).toBeUndefined()
  })

  test('are read by no feature that enters a score: what lay below them may have been anything', () => {
    const image = toGrey(clean)
    const { breast: tissue, exposed } = breastArea(image, { modality: 'US' })
    const [features] = measureMarked(drawn, { mask, regions }, 'US')
    expect(features).toEqual(measure({ ...given, image, tissue, exposed, burnedIn: burnedInMarks(drawn) }))
    const read = measure({ ...given, image: toGrey(drawn), tissue, exposed })
    for (const name of ['ringDifference', 'greyLevelEntropy', 'glcmContrast'] as const) {
      expect(features![name], name).not.toEqual(read[name])
    }
  })
})

describe('the pectoral muscle of an oblique view', () => {
  const size = { width: 200, height: 250 }
  const isBreast = (x: number, y: number) => x >= 10 && ((x - 10) / 160) ** 2 + ((y - 125) / 130) ** 2 <= 1
  const isMuscle = (x: number, y: number) => (x - 10) / 85 + y / 130 < 1
  const tissue = (x: number, y: number) => 100 + 8 * Math.sin(13 * x + 78 * y)
  const data = pixels(size, (x, y) => (isBreast(x, y) ? tissue(x, y) + (isMuscle(x, y) ? 90 : 0) : 0))
  const raster: RasterImage = { ...size, channels: 1, bitDepth: 8, data }
  const image = toGrey(raster)
  const area = breastArea(image, { modality: 'MG', view: 'MLO' })
  if (isAbsent(area.muscle)) throw new Error(area.muscle.absent)
  const { mask: muscle } = area.muscle
  const visible = visibleIn(raster, area, 'MG')
  /** A disc that touches the muscle's edge. */
  const region = Mask.from(
    pixels(size, (x, y) => Number(Math.hypot(x - 68, y - 78) <= 14 && !isMuscle(x - 3, y - 3))),
    size,
  ).without(muscle)
  const lesion = { region, marked: region, modality: 'MG' as const, place: { side: 'L', view: 'MLO' } as const }
  const number = (value: FeatureValue) => ('value' in value ? value.value : Number.NaN)

  test('stays out of the contrasts of a region beside it, whatever its grey', () => {
    const featuresAt = (level: number) => {
      const grey = image.data.map((value, i) => (muscle.data[i] === 1 ? level : value))
      return measureRegion(
        { ...lesion, image: GreyImage.from(grey, size), ...visible },
        'doctor',
        absent('blank-image'),
      ).features
    }
    const [dark, bright] = [featuresAt(0.1), featuresAt(0.9)]
    for (const name of FEATURE_NAMES.filter((feature) => FEATURES[feature].group === 'contrast')) {
      expect(dark[name], name).toEqual(bright[name])
    }
    // the region is of the tissue around it
    expect(Math.abs(number(dark.ringDifference))).toBeLessThan(0.01)
    expect(visible.tissue!.areaPx + muscle.areaPx).toBe(area.exposed.areaPx)
  })

  test('belongs to what the chest wall is told by', () => {
    const { features } = measureRegion({ ...lesion, image, ...visible }, 'doctor', absent('blank-image'))
    const hindmost = Math.min(
      ...Array.from(region.data).flatMap((isRegion, i) => (isRegion === 1 ? i % size.width : [])),
    )
    // the breast begins at 10, seen to a pixel
    expect(Math.abs(number(features.chestWallDistancePx) - (hindmost - 10))).toBeLessThanOrEqual(1)
  })
})

test('where no breast is seen nothing is taken for background', () => {
  const size = { width: 64, height: 64 }
  const raster: RasterImage = { ...size, channels: 1, bitDepth: 8, data: new Uint8Array(64 * 64) }
  const area = breastArea(toGrey(raster), { modality: 'MG' })
  expect(area.exposed.areaPx).toBe(0)
  expect(visibleIn(raster, area, 'MG')).toEqual({ tissue: undefined, exposed: undefined, burnedIn: undefined })
})
