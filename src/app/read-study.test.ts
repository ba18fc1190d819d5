import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStudy } from './read-study.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-study-'))
})
afterAll(() => rm(root, { recursive: true }))

let count = 0
async function folder(files: readonly string[], study?: unknown): Promise<string> {
  const place = path.join(root, String(count++))
  await mkdir(place)
  for (const file of files) await writeFile(path.join(place, file), file)
  if (study !== undefined) await writeFile(path.join(place, 'study.json'), JSON.stringify(study))
  return place
}

describe('a folder', () => {
  test('is read by its file names, the right breast first, CC before MLO', async () => {
    const place = await folder(['L_MLO.png', 'R_MLO.png', 'x_left_CC.tif', 'R_CC.jpg', 'notes.txt', '.hidden_L.png'])
    const { images, refused } = await readStudy(place, { modality: 'MG' })
    expect(images.map(({ file, side, view }) => [file, side, view])).toEqual([
      ['R_CC.jpg', 'R', 'CC'],
      ['R_MLO.png', 'R', 'MLO'],
      ['x_left_CC.tif', 'L', 'CC'],
      ['L_MLO.png', 'L', 'MLO'],
    ])
    expect(refused).toEqual([])
  })

  test('refuses images of unknown or contradictory side by name, and goes on', async () => {
    const place = await folder(['a.png', 'L_R.png', 'L.png'])
    const { images, refused } = await readStudy(place, { modality: 'US' })
    expect(images.map(({ file }) => file)).toEqual(['L.png'])
    expect(refused).toEqual([
      { file: 'L_R.png', reason: 'laterality-conflict', code: 'LATERALITY_CONFLICT' },
      { file: 'a.png', reason: 'side-unknown', code: 'SIDE_UNKNOWN' },
    ])
  })

  test('is called by its content, not by its name', async () => {
    const [a, b] = [await folder(['L.png']), await folder(['L.png'])]
    const [first, second] = await Promise.all([a, b].map((place) => readStudy(place, { modality: 'US' })))
    expect(first?.id).toMatch(/^study-[0-9a-f]{12}$/)
    expect(first?.id).toBe(second?.id)
    expect((await readStudy(await folder(['R.png']), { modality: 'US' })).id).not.toBe(first?.id)
  })

  test('does not say what its images are of', async () => {
    await expect(readStudy(await folder(['L.png']))).rejects.toThrow('MODALITY_UNKNOWN')
  })

  test('without an image is no study', async () => {
    await expect(readStudy(await folder(['notes.txt']), { modality: 'US' })).rejects.toThrow('STUDY_EMPTY')
  })
})

describe('study.json', () => {
  const study = (images: readonly object[], over: object = {}) => ({ id: 's-1', modality: 'MG', images, ...over })

  test('says what each image is; the file name fills what it leaves out', async () => {
    const spaced = { file: 'b.png', side: 'L', view: 'MLO', pixelSpacingMm: [0.1, 0.2], pixelSpacingSource: 'entered' }
    const place = await folder(['R_DM_CC.png', 'b.png'], study([{ file: 'R_DM_CC.png' }, spaced]))
    const { id, images } = await readStudy(place)
    expect(id).toBe('s-1')
    expect(images[0]).toMatchObject({ side: 'R', view: 'CC', energy: 'low-energy', modality: 'MG' })
    expect(images[1]).toMatchObject({ side: 'L', view: 'MLO', spacing: { x: 0.1, y: 0.2, source: 'entered' } })
    expect(await readStudy(path.join(place, 'study.json'))).toEqual(await readStudy(place))
  })

  test('and a file name that contradict each other settle nothing', async () => {
    const { images, refused } = await readStudy(await folder([], study([{ file: 'L_CC.png', side: 'R' }])))
    expect(images).toEqual([])
    expect(refused).toEqual([{ file: 'L_CC.png', reason: 'laterality-conflict', code: 'LATERALITY_CONFLICT' }])
  })

  test('may not name a file outside its folder, by path or by link', async () => {
    const outside = path.join(root, 'secret_L.png')
    await writeFile(outside, 'secret')
    for (const file of ['../secret_L.png', outside, 'a/../../secret_L.png', '..', '.']) {
      await expect(readStudy(await folder([], study([{ file, side: 'L' }]))), file).rejects.toThrow(
        'PATH_OUTSIDE_STUDY',
      )
    }
    const place = await folder([], study([{ file: 'link_L.png' }]))
    await symlink(outside, path.join(place, 'link_L.png'))
    await expect(readStudy(place)).rejects.toThrow('PATH_OUTSIDE_STUDY')
  })

  test('that is broken, misspelt or names a file twice is refused, without its values in the message', async () => {
    const broken = await folder([])
    await writeFile(path.join(broken, 'study.json'), '{')
    await expect(readStudy(broken)).rejects.toThrow('STUDY_INVALID')
    const named = await folder([], { ...study([]), id: '张三 1970-01-01' })
    const error = await readStudy(named).catch((caught: Error) => caught)
    expect(String(error)).toContain('STUDY_INVALID')
    expect(String(error)).not.toContain('张三')
    const twice = study([{ file: 'L.png' }, { file: './L.png' }])
    await expect(readStudy(await folder(['L.png'], twice))).rejects.toThrow('STUDY_INVALID')
  })

  test('with fields that the schema does not know is refused by their place and number, not by their names', async () => {
    const place = await folder([], { ...study([{ file: 'L.png', 张三: 1, 李四: 2 }]), 王五: 3 })
    const problems = ['images.0: unknown fields: 2', 'study: unknown fields: 1']
    await expect(readStudy(place)).rejects.toMatchObject({ code: 'STUDY_INVALID', facts: { problems } })
    const error = await readStudy(place).catch(String)
    expect(error).not.toMatch(/张三|李四|王五/)
  })

  test('that gives a temperature scale or Doppler colours to another kind of image is refused', async () => {
    for (const field of [{ temperature: { scale: 0.01, offset: 0 } }, { colourDoppler: true }]) {
      const place = await folder([], { ...study([{ file: 'L.png', ...field }]), modality: 'MG' })
      await expect(readStudy(place)).rejects.toThrow('STUDY_INVALID')
    }
    const thermal = { ...study([{ file: 'L.png', temperature: { scale: 0.01, offset: -5 } }]), modality: 'TG' }
    expect((await readStudy(await folder([], thermal))).images[0]?.temperature).toEqual({ scale: 0.01, offset: -5 })
  })

  test('that says of a picture that it shows both breasts has an image of either, each with its own nipple', async () => {
    const bilateral = {
      file: 'a.png',
      side: 'B',
      view: 'frontal',
      patientOrientation: ['L', 'F'],
      nipplePx: { L: { x: 9, y: 5 } },
    }
    const thermal = (over: object) => ({ ...study([{ ...bilateral, ...over }]), modality: 'TG' })
    const { images, refused } = await readStudy(await folder(['a.png'], thermal({})))
    expect(images.map(({ file, side, isBilateral, nipplePx }) => [file, side, isBilateral, nipplePx])).toEqual([
      ['a.png', 'R', true, undefined],
      ['a.png', 'L', true, { x: 9, y: 5 }],
    ])
    expect(refused).toEqual([])
    for (const over of [{ view: 'oblique' }, { patientOrientation: undefined }, { modality: 'MG' }]) {
      await expect(readStudy(await folder([], thermal(over)))).rejects.toThrow('STUDY_INVALID')
    }
    const named = await readStudy(await folder([], thermal({ file: 'left.png' })))
    expect(named).toMatchObject({ images: [], refused: [{ file: 'left.png', reason: 'laterality-conflict' }] })
  })

  test('with a byte order mark is read as well', async () => {
    const place = await folder([])
    await writeFile(path.join(place, 'study.json'), `\uFEFF${JSON.stringify(study([{ file: 'L.png' }]))}`)
    expect((await readStudy(place)).images).toHaveLength(1)
  })
})

test('a path that is not there is no study', async () => {
  await expect(readStudy(path.join(root, 'nowhere'))).rejects.toThrow('STUDY_NOT_FOUND')
})

// root may read everything
test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'a study that may not be read is refused by the last part of its path',
  async () => {
    const place = await folder(['L.png'], { id: 's-1', images: [] })
    await chmod(path.join(place, 'study.json'), 0)
    await expect(readStudy(place)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', facts: { file: 'study.json' } })
    await rm(path.join(place, 'study.json'))
    await chmod(place, 0o100)
    const refused = readStudy(place, { modality: 'US' })
    await expect(refused).rejects.toMatchObject({ code: 'FILE_UNREADABLE', facts: { file: path.basename(place) } })
    await chmod(place, 0o700)
  },
)

test.skipIf(process.platform !== 'linux')(
  'a study file that fails while it is read is named by its base name',
  async () => {
    const refused = readStudy('/proc/self/mem')
    await expect(refused).rejects.toMatchObject({ code: 'FILE_UNREADABLE', facts: { file: 'mem' } })
    expect(String(await refused.catch(String))).not.toContain('/proc')
  },
)

test('the bundled examples are studies: one of both sides in four views and two energies, one of the left side alone', async () => {
  const examples = fileURLToPath(new URL('../../examples/', import.meta.url))
  const cesm = await readStudy(path.join(examples, 'cesm-p313'))
  expect(cesm.refused).toEqual([])
  expect(new Set(cesm.images.map(({ side, view, energy }) => `${side} ${view} ${energy}`)).size).toBe(8)
  const ultrasound = await readStudy(path.join(examples, 'ultrasound-one-side'))
  expect(ultrasound.images.map(({ side, modality }) => [side, modality])).toEqual([['L', 'US']])
})

test('two points on a depth scale give the spacing, entered, and exclude one that is given', async () => {
  const depthScale = { from: { x: 20, y: 40 }, to: { x: 20, y: 440 }, mm: 40 }
  const image = { file: 'a.png', side: 'L', depthScale }
  const { images } = await readStudy(await folder(['a.png'], { id: 'a', modality: 'US', images: [image] }))
  expect(images[0]?.spacing).toEqual({ x: 0.1, y: 0.1, source: 'entered' })
  const both = { ...image, pixelSpacingMm: [0.1, 0.1], pixelSpacingSource: 'entered' }
  const one = { ...image, depthScale: { ...depthScale, to: depthScale.from } }
  for (const wrong of [both, one]) {
    const study = await folder(['a.png'], { id: 'a', modality: 'US', images: [wrong] })
    await expect(readStudy(study)).rejects.toMatchObject({ code: 'STUDY_INVALID' })
  }
})
