import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAbsent } from '#core/absent.ts'
import type { RasterImage } from '#core/image.ts'
import type { Modality } from '#core/modality.ts'
import { seededRandom } from '#core/random.ts'
import { appearance } from './appearance.ts'
import { decodeImage } from './decode.ts'
import { judgeability } from './judgeable.ts'
import { syntheticUltrasound } from './synthetic-ultrasound.ts'

const SIZE = { width: 320, height: 260 }

function raster(level: (i: number) => number, size = SIZE): RasterImage {
  const data = Uint8Array.from({ length: size.width * size.height }, (_, i) => Math.max(0, Math.min(255, level(i))))
  return { ...size, channels: 1, bitDepth: 8, data }
}

function transposed({ width, height, data, ...rest }: RasterImage): RasterImage {
  const turned = data.map((_, i) => data[(i % height) * width + Math.floor(i / height)]!)
  return { ...rest, width: height, height: width, data: turned }
}

const scan = syntheticUltrasound(SIZE, seededRandom(1))
const why = (image: RasterImage, modality: Modality) => {
  const judgement = judgeability(image, modality)
  return isAbsent(judgement) ? judgement.absent : judgement
}

describe('what a picture looks like', () => {
  test('transposing it negates its layering', () => {
    const [before, after] = [appearance(scan), appearance(transposed(scan))]
    expect(after.layeringFine).toBeCloseTo(-before.layeringFine, 6)
    expect(after.layeringCoarse).toBeCloseTo(-before.layeringCoarse, 6)
    expect(before.layeringFine).toBeGreaterThan(0.3)
  })

  test('a gain changes its range alone', () => {
    const { range, ...measures } = appearance(raster((i) => scan.data[i]! & 254))
    const { range: halved, ...others } = appearance(raster((i) => (scan.data[i]! & 254) / 2))
    expect(halved).toBeCloseTo(range / 2, 3)
    for (const [name, value] of Object.entries(measures)) {
      expect(others[name as keyof typeof others], name).toBeCloseTo(value, 2)
    }
  })

  test('16 bits and three equal channels change nothing', () => {
    const deep: RasterImage = { ...scan, bitDepth: 16, data: Uint16Array.from(scan.data, (level) => 257 * level) }
    const colour = Uint8Array.from({ length: 3 * scan.data.length }, (_, i) => scan.data[Math.floor(i / 3)]!)
    for (const same of [deep, { ...scan, channels: 3 as const, data: colour }]) {
      for (const [name, value] of Object.entries(appearance(same))) {
        expect(value, name).toBeCloseTo(appearance(scan)[name as 'range'], 4)
      }
    }
  })

  test('a tint is no spread of hues; two colours of one brightness are', () => {
    const painted = (colour: (pixel: number) => readonly number[]): RasterImage => ({
      ...SIZE,
      channels: 3,
      bitDepth: 8,
      data: Uint8Array.from({ length: 3 * scan.data.length }, (_, i) => colour(Math.floor(i / 3))[i % 3]!),
    })
    const sepia = painted((pixel) => [1, 0.9, 0.75].map((share) => share * scan.data[pixel]!))
    expect(appearance(sepia).hueSpread).toBeLessThan(0.01)
    const halves = painted((pixel) => (pixel % SIZE.width < SIZE.width / 2 ? [168, 80, 80] : [20, 130, 210]))
    expect(appearance(halves).hueSpread).toBeGreaterThan(0.9)
  })
})

describe('by what it is refused', () => {
  test('one level, of whatever brightness, size and depth, is blank for every modality', () => {
    const sides = fc.integer({ min: 32, max: 400 })
    fc.assert(
      fc.property(sides, sides, fc.integer({ min: 0, max: 255 }), fc.boolean(), (width, height, level, deep) => {
        const flat = raster(() => level, { width, height })
        const image: RasterImage = deep ? { ...flat, bitDepth: 16, data: Uint16Array.from(flat.data) } : flat
        for (const modality of ['US', 'MG', 'TG', 'OT'] as const) expect(why(image, modality)).toBe('blank-image')
      }),
      { numRuns: 20 },
    )
  })

  test('a ramp, and one level with the noise of a sensor, are blank', () => {
    const random = seededRandom(2)
    for (const image of [
      raster((i) => (200 * (i % SIZE.width)) / SIZE.width),
      raster((i) => 40 + (180 * Math.floor(i / SIZE.width)) / SIZE.height),
      raster(() => 90 + random.normal()),
    ]) {
      for (const modality of ['US', 'MG', 'TG'] as const) expect(why(image, modality)).toBe('blank-image')
    }
  })

  test('noise of any strength is noise', () => {
    for (const strength of [20, 40, 80]) {
      const random = seededRandom(3, strength)
      const noise = raster(() => 128 + strength * random.normal())
      for (const modality of ['US', 'MG', 'TG'] as const) expect(why(noise, modality)).toBe('image-is-noise')
    }
  })

  test('a pattern of squares is not ultrasound', () => {
    const board = raster((i) => (((i % SIZE.width) >> 4) + (Math.floor(i / SIZE.width) >> 4)) % 2 && 220)
    expect(isAbsent(judgeability(board, 'US'))).toBe(true)
  })

  test('a synthetic ultrasound is judged; turned by a quarter it looks unlike one', () => {
    for (let seed = 0; seed < 5; seed++) {
      const image = syntheticUltrasound(SIZE, seededRandom(4, seed))
      expect(why(image, 'US')).toBe('judgeable')
      expect(why(transposed(image), 'US')).toBe('unlike')
    }
  })

  test('a mammogram is grey: the same picture in many hues is refused', () => {
    const hues = (i: number) => (Math.floor(i / 3) % 160 < 80 ? [0.4, 0.2, 0] : [0, 0.2, 0.4])[i % 3]!
    const data = Uint8Array.from({ length: 3 * scan.data.length }, (_, i) =>
      Math.min(255, scan.data[Math.floor(i / 3)]! * (0.6 + hues(i))),
    )
    expect(why(scan, 'MG')).toBe('judgeable')
    expect(why({ ...scan, channels: 3, data }, 'MG')).toBe('not-this-modality')
  })
})

describe('the bundled examples', () => {
  const examples = join(import.meta.dirname, '../../examples')
  const load = (file: string) => decodeImage(readFileSync(join(examples, file)), file)

  test('the ultrasound is judged as ultrasound', async () => {
    expect(why(await load('ultrasound-one-side/bus_0888-l.png'), 'US')).toBe('judgeable')
  })

  test('all eight mammograms are judged as mammograms and look unlike ultrasound', async () => {
    const files = readdirSync(join(examples, 'cesm-p313')).filter((file) => file.endsWith('.jpg'))
    expect(files).toHaveLength(8)
    for (const file of files) {
      const image = await load(`cesm-p313/${file}`)
      expect(why(image, 'MG'), file).toBe('judgeable')
      expect(why(image, 'US'), file).toBe('unlike')
    }
  })
})

const DATA = process.env.ZAOSHAI_DATA ?? join(import.meta.dirname, '../../../shared/data')

/** Images of which the score was made with none: the val part, or of the thermograms every woman with an odd number. */
function heldOut(set: string): readonly { file: string; isMalignant: boolean }[] {
  const manifest = join(DATA, set, 'manifest.csv')
  const rows = readFileSync(manifest, 'utf8').trim().split('\n').slice(1)
  return rows.flatMap((row) => {
    const [id = '', image = '', , lesion, split] = row.split(',')
    const isOdd = Number(/\d+$/.exec(id)?.[0]) % 2 === 1
    const file = join(DATA, set, image)
    return split === 'val' || (split === 'test-only' && isOdd) ? [{ file, isMalignant: lesion === 'malignant' }] : []
  })
}

describe.skipIf(!existsSync(join(DATA, 'busi/manifest.csv')))(
  'real pictures offered as ultrasound, at the first look (needs ZAOSHAI_DATA)',
  () => {
    const notJudged = async (set: string) => {
      const pictures = heldOut(set)
      const doubted = []
      for (const picture of pictures) {
        const image = await decodeImage(readFileSync(picture.file), picture.file)
        if (why(image, 'US') !== 'judgeable') doubted.push(picture)
      }
      return { offered: pictures.length, doubted }
    }

    test('at most 2 % of the ultrasounds of BUSI val are doubted, and none of a malignant lesion', {
      timeout: 600_000,
    }, async () => {
      const { offered, doubted } = await notJudged('busi')
      expect(offered).toBe(117)
      expect(doubted.length).toBeLessThanOrEqual(2)
      expect(doubted.filter(({ isMalignant }) => isMalignant)).toEqual([])
    })

    test.each([
      ['cesm', 102],
      ['mias', 50],
      ['thermo_landmarks', 128],
      ['thermo_temperature', 40],
    ])('at least 95 % of the held-out pictures of %s are doubted', { timeout: 600_000 }, async (set, count) => {
      const { offered, doubted } = await notJudged(set)
      expect(offered).toBe(count)
      expect(doubted.length).toBeGreaterThanOrEqual(0.95 * count)
    })
  },
)
