/** scikit-image as the oracle. It is not used at run time. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { seededRandom } from '#core/random.ts'
import type { PixelSides } from '#core/units.ts'
import { decodeImage, decodeMask } from '#imaging/decode.ts'
import { toGrey } from '#imaging/grey.ts'
import { fixedBinNumber } from './discretise.ts'
import { firstOrder, intensityHistogram } from './first-order.ts'
import { depthToWidthRatio, eccentricity, solidity } from './form.ts'
import { glcmFeatures } from './glcm.ts'
import { outlineOf } from './outline.ts'
import { boundsOf, shapeOf } from './shape.ts'
import { ellipse, rosette } from './test-region.ts'

/** A Python that has scikit-image; on a person's machine it may be missing, in CI that is a failure. */
function findScikitImage(): string | undefined {
  const candidates = [process.env.ZAOSHAI_PYTHON ?? '', '/usr/bin/python3', 'python3', 'python'].filter(
    (python) => python !== '' && (!python.startsWith('/') || existsSync(python)),
  )
  const python = candidates.find((name) => spawnSync(name, ['-c', 'import skimage.feature, scipy.stats']).status === 0)
  if (python !== undefined) return python
  const missing = 'scikit-image is missing: on Debian, `apt install python3-skimage`'
  if (process.env.CI === 'true') throw new Error(missing)
  console.warn(`skipped: ${missing}`)
  return undefined
}

interface Case {
  readonly name: string
  readonly mask: Mask
  readonly image: GreyImage
  /** Rows of this many pixels' height: 1 for square pixels. */
  readonly rowHeight: number
}

type Numbers = Readonly<Record<string, number>>
interface Answer {
  readonly shape: Numbers
  readonly glcm: Numbers
  readonly firstOrder: Numbers
}

const LEVELS = 16
const levelsOf = ({ image, mask }: Case) => fixedBinNumber(image, mask, LEVELS)

function askScikitImage(python: string, cases: readonly Case[]): Answer[] {
  const input = cases.map((one) => ({
    width: one.mask.width,
    height: one.mask.height,
    repeats: one.rowHeight,
    mask: [...one.mask.data],
    levels: [...levelsOf(one).data],
  }))
  const script = join(import.meta.dirname, 'scikit_image.py')
  const { status, stdout, stderr } = spawnSync(python, ['-B', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Speckle with a slow slope, so that neighbours are alike but not equal. */
function speckle(mask: Mask): GreyImage {
  const random = seededRandom(11)
  const grey = Float32Array.from(mask.data, (_, i) => (i % mask.width) / mask.width + 0.3 * random.uniform())
  return GreyImage.from(grey, mask)
}

const drawnCase = (name: string, mask: Mask, rowHeight = 1): Case => ({ name, mask, image: speckle(mask), rowHeight })

async function lesionCase(): Promise<Case> {
  const folder = join(import.meta.dirname, '../../examples/ultrasound-one-side')
  const [picture, drawing] = ['bus_0888-l.png', 'ground-truth/bus_0888-l.png'].map((file) => join(folder, file))
  const mask = await decodeMask(await readFile(drawing!), drawing!)
  const image = toGrey(await decodeImage(await readFile(picture!), picture!))
  return { name: 'a lesion of examples/ultrasound-one-side', mask, image, rowHeight: 1 }
}

const grid = { x: 1, y: 1 }
const cases = [
  drawnCase('an ellipse turned by 25 degrees', ellipse(40, 22, 25, grid)),
  drawnCase('a rosette of six lobes', rosette(35, 6, 0.2, grid)),
  drawnCase('an ellipse on pixels twice as high as wide', ellipse(40, 24, 60, { x: 1, y: 2 }), 2),
  await lesionCase(),
]
const python = findScikitImage()
const answers = python === undefined ? [] : askScikitImage(python, cases)

describe.skipIf(python === undefined).each(cases.map((one, i) => ({ ...one, answer: answers[i]! })))(
  '$name, by scikit-image',
  ({ answer, ...one }) => {
    const side: PixelSides = { x: 1, y: one.rowHeight }
    const [shape, outline] = [shapeOf(one.mask, side), outlineOf(one.mask, side)]
    // scikit-image takes a pixel for a point, we for a square, which adds 1/12 to the moments: 16/12 to a squared axis
    const axes = {
      majorAxis: Math.sqrt(shape.majorAxis ** 2 - 4 / 3),
      minorAxis: Math.sqrt(shape.minorAxis ** 2 - 4 / 3),
    }

    test('area, equivalent diameter, axes, eccentricity and depth over width are the same', () => {
      expect(shape.area).toBe(answer.shape.area)
      expect(shape.equivalentDiameter).toBeCloseTo(answer.shape.equivalentDiameter!, 9)
      expect(axes.majorAxis).toBeCloseTo(answer.shape.majorAxis!, 6)
      expect(axes.minorAxis).toBeCloseTo(answer.shape.minorAxis!, 6)
      expect(eccentricity(axes)).toBeCloseTo(answer.shape.eccentricity!, 6)
      expect(depthToWidthRatio(boundsOf(one.mask), side)).toBeCloseTo(answer.shape.depthToWidthRatio!, 12)
    })
    test('the major axis has the same direction, which scikit-image counts from the columns', () => {
      const theirs = (answer.shape.orientation! * 180) / Math.PI + 90
      expect(Math.sin(((shape.orientationDeg - theirs) * Math.PI) / 180)).toBeCloseTo(0, 6)
    })
    test('solidity within 2%, perimeter and Feret diameter nearly, by other rules at the pixel grid', () => {
      expect(Math.abs(solidity(outline) / answer.shape.solidity! - 1)).toBeLessThan(0.02)
      // rows laid double make steps of two pixels, which its four directions take for 7% more; ours are sixteen
      expect(Math.abs(shape.perimeter / answer.shape.perimeter! - 1)).toBeLessThan(one.rowHeight === 1 ? 0.03 : 0.08)
      expect(Math.abs(shape.maximumDiameter - answer.shape.maximumDiameter!)).toBeLessThan(1.5)
    })
    test('co-occurrence features, averaged over four directions, are the same', () => {
      const ours = glcmFeatures([levelsOf(one)], '2D-averaged')
      if (isAbsent(ours)) throw new Error(ours.absent)
      expect(ours.contrast).toBeCloseTo(answer.glcm.contrast!, 9)
      expect(ours.dissimilarity).toBeCloseTo(answer.glcm.dissimilarity!, 9)
      expect(ours.inverseDifferenceMoment).toBeCloseTo(answer.glcm.homogeneity!, 9)
      expect(ours.angularSecondMoment).toBeCloseTo(answer.glcm.ASM!, 9)
      expect(ours.correlation).toBeCloseTo(answer.glcm.correlation!, 9)
      expect(ours.jointMaximum).toBeCloseTo(answer.glcm.jointMaximum!, 9)
      expect(ours.jointEntropy).toBeCloseTo(answer.glcm.jointEntropy!, 9)
    })
    test('first-order statistics of the levels are the same as by SciPy and NumPy', () => {
      const levels = levelsOf(one)
      const inside = levels.data.filter((level) => level > 0)
      const ours = { ...firstOrder(inside), ...intensityHistogram([levels]) }
      for (const [name, value] of Object.entries(answer.firstOrder)) {
        expect(ours[name as keyof typeof ours], name).toBeCloseTo(value, 9)
      }
    })
  },
)
