import { expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { featuresOf } from '#core/features.ts'
import { GreyImage } from '#core/image.ts'
import { Mask } from '#core/mask.ts'
import type { Frame } from '#imaging/frame.ts'
import { type Lesion, measureSome } from './measure.ts'
import { measureStandardisedContrast } from './standardised-contrast.ts'
import { SCENE, sceneOf } from './test-scene.ts'

const { image, region } = sceneOf({ ...SCENE, semiMinor: 20 })
const { width, height } = region
const FRAME: Frame = { original: region, standard: region, scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 }

function measured(lesion: Lesion) {
  const features = measureStandardisedContrast(lesion, { image: lesion.image, frame: FRAME })
  if (isAbsent(features)) throw new Error(features.absent)
  return features
}

/** A caliper's two strokes through the middle of the lesion and beyond its edge. */
const burnedIn = Mask.from(
  Uint8Array.from(region.data, (_, i) =>
    Number(Math.abs((i % width) - width / 2) < 2 || Math.abs(Math.floor(i / width) - height / 2) < 2),
  ),
  region,
)

/** The same picture with strokes of this grey. */
const drawnIn = (level: number): Lesion => ({
  image: GreyImage.from(
    image.data.map((grey, i) => (burnedIn.data[i] === 1 ? level : grey)),
    image,
  ),
  ...{ region, marked: region, burnedIn, modality: 'US' },
})

test('the grey of what is drawn over a picture does not count', () => {
  expect(measured(drawnIn(1))).toEqual(measured(drawnIn(0)))
  expect(measured(drawnIn(1))).not.toEqual(measured({ ...drawnIn(1), burnedIn: undefined }))
})

test('a frame that leaves the picture as it is leaves every contrast as it is; temperatures are those of the file', () => {
  const lesion = drawnIn(1)
  expect(measured(lesion)).toEqual({
    ...measureSome(lesion, featuresOf('contrast')),
    temperatureDifference: { absent: 'not-on-standardised-pixels' },
  })
})

test('a region of which the frame holds no pixel is too small', () => {
  const cut = { ...FRAME, standard: { width: 8, height: 8 } }
  expect(
    measureStandardisedContrast(drawnIn(1), { image: GreyImage.from(new Float32Array(64), cut.standard), frame: cut }),
  ).toEqual({
    absent: 'region-too-small',
  })
})
