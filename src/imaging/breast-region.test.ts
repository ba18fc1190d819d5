import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GreyImage } from '#core/image.ts'
import type { Mask } from '#core/mask.ts'
import { breastRegion } from './breast-region.ts'
import { decodeImage, decodeMask } from './decode.ts'
import { toGrey } from './grey.ts'

const SIZE = { width: 600, height: 500 }

function draw(level: (x: number, y: number) => number): GreyImage {
  const data = Float32Array.from({ length: SIZE.width * SIZE.height }, (_, i) =>
    level(i % SIZE.width, Math.floor(i / SIZE.width)),
  )
  return GreyImage.from(data, SIZE)
}

function iou(region: Mask, truth: GreyImage): number {
  const both = region.data.filter((value, i) => value === 1 && truth.data[i] === 1).length
  const either = region.data.filter((value, i) => value === 1 || truth.data[i] === 1).length
  return both / either
}

/** A synthetic half-disc breast at the left border, with a gland and a dark (fatty) inside. */
const breast = (x: number, y: number) => Number(Math.hypot(x, y - 250) < 220)
const mammogram = (x: number, y: number) => {
  if (x > 500 && y < 60) return 0.9 // lead letters
  if (breast(x, y) === 0) return 0.01
  return 0.15 + (Math.hypot(x - 120, y - 260) < 70 ? 0.6 : 0) + 0.02 * Math.sin(x) * Math.sin(y)
}

describe('mammography (synthetic)', () => {
  test('the breast is outlined, fat and gland; lead letters beside it are not', () => {
    expect(iou(breastRegion(draw(mammogram), 'MG'), draw(breast))).toBeGreaterThan(0.97)
  })
  test('a mirrored image has the mirrored region', () => {
    const mirrored = draw((x, y) => mammogram(SIZE.width - 1 - x, y))
    expect(
      iou(
        breastRegion(mirrored, 'MG'),
        draw((x, y) => breast(SIZE.width - 1 - x, y)),
      ),
    ).toBeGreaterThan(0.97)
  })
  test('film of its own grey within a black margin is background, and the skin fading into it is breast', () => {
    const film = draw((x, y) => {
      if (x > 450) return 0
      const depth = 220 - Math.hypot(x, y - 250)
      const base = 0.15 + 0.004 * ((7 * x + 13 * y) % 5)
      return depth > 0 ? Math.max(base, Math.min(0.6, 0.2 + 0.02 * depth)) : base
    })
    expect(iou(breastRegion(film, 'MG'), draw(breast))).toBeGreaterThan(0.97)
  })
  test('a breast that fills the view is not taken for film because something in it is bright', () => {
    const isFilled = (x: number) => x < 300
    const filling = draw((x, y) => {
      if (!isFilled(x)) return 0
      return Math.hypot(x - 150, y - 250) < 60 ? 0.9 : 0.4 + 0.01 * ((7 * x + 13 * y) % 7)
    })
    expect(
      iou(
        breastRegion(filling, 'MG'),
        draw((x) => Number(isFilled(x))),
      ),
    ).toBeGreaterThan(0.97)
  })
  test('nor because of something bright right across it', () => {
    const isFilled = (x: number) => x < 300
    const crossed = draw((x, y) => {
      if (!isFilled(x)) return 0
      return Math.abs(y - 250) < 150 ? 0.9 : 0.4 + 0.01 * ((7 * x + 13 * y) % 7)
    })
    expect(
      iou(
        breastRegion(crossed, 'MG'),
        draw((x) => Number(isFilled(x))),
      ),
    ).toBeGreaterThan(0.97)
  })
  test('a lit edge of the film along the picture is none of the breast', () => {
    const lit = draw((x, y) => (y < 5 ? 0.8 : y < 8 && x > 300 ? 0.3 : mammogram(x, y)))
    const region = breastRegion(lit, 'MG')
    expect(iou(region, draw(breast))).toBeGreaterThan(0.97)
    expect(region.data.some((value, i) => value === 1 && i % SIZE.width > 300)).toBe(false)
  })
  /** A film as high as the picture and half as wide; the skin rises by a grey level of 255 in four pixels. */
  const slowlyFading = (x: number, y: number) => {
    if (x > 300) return 0
    const depth = 220 - Math.hypot(x, y - 250)
    const base = 0.15 + 0.004 * ((7 * x + 13 * y) % 5)
    return depth > 0 ? base + 0.001 * depth + 0.01 * Math.max(0, depth - 50) : base
  }
  test('film that covers less of the picture than its black margin is background, however slowly the skin fades', () => {
    // two grey levels of the skin are 8 of the 220 pixels to the outline: 0.93 of the area
    expect(iou(breastRegion(draw(slowlyFading), 'MG'), draw(breast))).toBeGreaterThan(0.93)
  })
  test('a line along the edge of the picture does not make film and margin one thing', () => {
    const lined = draw((x, y) => (y < 4 ? 0.5 : slowlyFading(x, y)))
    expect(iou(breastRegion(lined, 'MG'), draw(breast))).toBeGreaterThan(0.93)
  })
  test('two lit edges of the picture that meet, the one beside the breast, are none of it', () => {
    for (const [top, left] of [
      [6, 4],
      [6, 6],
      [9, 6],
    ] as const) {
      const lit = draw((x, y) => (y < top || x < left ? 0.5 : mammogram(x, y)))
      const region = breastRegion(lit, 'MG')
      expect(iou(region, draw(breast))).toBeGreaterThan(0.97)
      expect(region.data.some((value, i) => value === 1 && i % SIZE.width > 300)).toBe(false)
    }
  })
  test('a grey background is a background', () => {
    const grey = draw((x, y) => 0.2 + 0.8 * mammogram(x, y))
    expect(iou(breastRegion(grey, 'MG'), draw(breast))).toBeGreaterThan(0.97)
  })
})

describe('ultrasound (synthetic)', () => {
  const sector = (x: number, y: number) =>
    Number(Math.hypot(x - 300, y + 100) < 560 && Math.abs(x - 300) < (y + 100) / 2)
  test('the sector is outlined with its shadows, text beside it is not', () => {
    const image = draw((x, y) => {
      if (sector(x, y) === 0) return x < 60 && y < 40 && x % 8 < 3 ? 0.9 : 0
      return Math.abs(x - 280) < 40 && y > 150 ? 0 : 0.3
    })
    expect(iou(breastRegion(image, 'US'), draw(sector))).toBeGreaterThan(0.97)
  })
})

test('an image of nothing has an empty region', () => {
  for (const modality of ['US', 'MG', 'TG', 'OT'] as const) {
    expect(
      breastRegion(
        draw(() => 0),
        modality,
      ).areaPx,
    ).toBe(0)
  }
})

const CESM = join(process.env.ZAOSHAI_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'cesm')

test.skipIf(!existsSync(CESM))('on real contrast mammograms (CESM) the region holds the lesions', async () => {
  let [inside, all] = [0, 0]
  for (const file of globSync('P3*.jpg', { cwd: join(CESM, 'images') })) {
    const region = breastRegion(toGrey(await decodeImage(readFileSync(join(CESM, 'images', file)), file)), 'MG')
    const lesion = await decodeMask(readFileSync(join(CESM, 'masks', file.replace('.jpg', '.png'))), file)
    all += lesion.areaPx
    inside += lesion.data.filter((value, i) => value === 1 && region.data[i] === 1).length
    const share = region.areaPx / region.data.length
    expect([file, share > 0.1 && share < 0.9]).toEqual([file, true])
  }
  expect(inside / all).toBeGreaterThan(0.99)
})
