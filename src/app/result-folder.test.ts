import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeFolder } from '#disk/durable.ts'
import { ResultFolder } from './result-folder.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'zaoshai-result-'))
})
afterAll(() => rm(root, { recursive: true }))

const place = async () => path.join(await mkdtemp(path.join(root, 'in-')), 'report')

/** A report with one image of the left breast, as far as a result folder looks into it. */
const reportText = (id: string) =>
  JSON.stringify({
    software: { name: 'Zaoshai', version: '0.0.1' },
    sides: {
      L: { images: [{ marking: { mask: `masks/${id}.png`, overlay: `overlays/${id}.png` } }, { marking: {} }, {}] },
      R: { images: [] },
    },
  })

async function write(folder: ResultFolder, id: string): Promise<void> {
  for (const name of [`masks/${id}.png`, `overlays/${id}.png`, 'report.html']) await folder.write(name, id)
  await folder.write('report.json', reportText(id))
}

async function put(out: string, id: string): Promise<void> {
  await using folder = await ResultFolder.open(out)
  await write(folder, id)
  await folder.finish()
}

const idIn = (out: string) => readFile(path.join(out, 'report.html'), 'utf8')

describe('an earlier report', () => {
  test('is replaced whole and leaves nothing beside it', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await put(out, 'L-MLO')
    expect(await readdir(path.join(out, 'masks'))).toEqual(['L-MLO.png'])
    expect(await readdir(path.dirname(out))).toEqual(['report'])
  })

  test.each(['masks/mine.png', 'overlays/notes.txt', 'masks/L-CC.png/mine.png', 'notes.txt'])(
    'beside which somebody has put %s is left alone',
    async (mine) => {
      const out = await place()
      await put(out, 'L-CC')
      const file = path.join(out, mine)
      if (mine.includes('.png/')) await rm(path.dirname(file))
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, 'keep')
      await expect(put(out, 'L-MLO')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
      expect(await readFile(file, 'utf8')).toBe('keep')
      expect(await readdir(path.dirname(out))).toEqual(['report'])
    },
  )

  test('into which somebody puts a file while the new one is written is left alone', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await using folder = await ResultFolder.open(out)
    await write(folder, 'L-MLO')
    await writeFile(path.join(out, 'masks', 'mine.png'), 'keep')
    await expect(folder.finish()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    expect(await idIn(out)).toBe('L-CC')
  })

  test.each([
    ['is damaged', '{'],
    ['is of another program', JSON.stringify({ software: { name: 'Other' }, sides: {} })],
    ['names no sides', JSON.stringify({ software: { name: 'Zaoshai' } })],
  ])('whose report.json %s is left alone', async (_, text) => {
    const out = await place()
    await put(out, 'L-CC')
    await writeFile(path.join(out, 'report.json'), text)
    await expect(put(out, 'L-MLO')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    expect(await idIn(out)).toBe('L-CC')
  })

  test('whose masks lie behind a link is left alone', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await rename(path.join(out, 'masks'), path.join(root, 'elsewhere'))
    await symlink(path.join(root, 'elsewhere'), path.join(out, 'masks'))
    await expect(put(out, 'L-MLO')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS', facts: { found: 'masks' } })
  })
})

describe('what a killed process left', () => {
  let deadPid = 0
  /** The part of a temporary name that says the machine, as an open folder has it. */
  let machine = ''
  beforeAll(async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    deadPid = child.pid ?? 0
    const out = await place()
    await using _ = await ResultFolder.open(out)
    const [name] = await readdir(path.dirname(out))
    machine = name?.split('.')[3] ?? ''
  })
  const leftover = (out: string, ending: string, pid = deadPid, on = machine) =>
    path.join(path.dirname(out), `.report.${pid}.${on}.0123abcd.${ending}`)

  test('is removed by the next that writes there', async () => {
    const out = await place()
    await mkdir(path.join(leftover(out, 'tmp'), 'masks'), { recursive: true })
    await put(out, 'L-CC')
    expect(await readdir(path.dirname(out))).toEqual(['report'])
  })

  test('between moving the earlier report aside and putting the new one there is put back first', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await rename(out, leftover(out, 'tmp.old'))
    await mkdir(leftover(out, 'tmp'))
    {
      await using _ = await ResultFolder.open(out)
      expect(await idIn(out)).toBe('L-CC')
    }
    expect(await readdir(path.dirname(out))).toEqual(['report'])
    expect(await idIn(out)).toBe('L-CC')
  })

  test('is put back into an empty folder as well', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await rename(out, leftover(out, 'tmp.old'))
    await mkdir(out)
    await using _ = await ResultFolder.open(out)
    expect(await idIn(out)).toBe('L-CC')
  })

  test('after the new report was in its place is removed', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await rename(out, leftover(out, 'tmp.old'))
    await mkdir(out)
    await writeFile(path.join(out, 'report.json'), reportText('L-MLO'))
    await put(out, 'L-XCCL')
    expect(await readdir(path.dirname(out))).toEqual(['report'])
    expect(await idIn(out)).toBe('L-XCCL')
  })

  test('stays while something of somebody else stands in its place', async () => {
    const out = await place()
    await put(out, 'L-CC')
    await rename(out, leftover(out, 'tmp.old'))
    await mkdir(out)
    await writeFile(path.join(out, 'notes.txt'), 'keep')
    await expect(put(out, 'L-MLO')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    expect(await idIn(leftover(out, 'tmp.old'))).toBe('L-CC')
  })

  test('is not what a live process, another machine or another output has', async () => {
    const out = await place()
    const others = [
      leftover(out, 'tmp', process.pid),
      leftover(out, 'tmp', process.ppid),
      leftover(out, 'tmp', deadPid, machine === '00000000' ? '11111111' : '00000000'),
      leftover(out, 'tmp').replace('.report.', '.report.2.'),
      leftover(out, 'tmp').replace('0123abcd', 'mine'),
    ]
    for (const other of others) await mkdir(other)
    await put(out, 'L-CC')
    expect((await readdir(path.dirname(out))).sort()).toEqual([...others.map((o) => path.basename(o)), 'report'].sort())
  })
})

describe('missing folders', () => {
  test('above the output are made', async () => {
    const out = path.join(await place(), 'a', 'b', 'report')
    await put(out, 'L-CC')
    expect(await readdir(path.dirname(out))).toEqual(['report'])
    await makeFolder(out)
    expect((await stat(out)).isDirectory()).toBe(true)
  })

  test('below a file are refused', async () => {
    const file = await place()
    await writeFile(file, '')
    await expect(put(path.join(file, 'a', 'report'), 'L-CC')).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  })

  test.skipIf(process.platform !== 'linux')('are refused at once where the system makes none', async () => {
    for (const out of ['/proc/report', '/proc/a/b/report']) {
      const facts = { output: 'report', problem: 'ENOENT' }
      await expect(put(out, 'L-CC'), out).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', facts })
    }
  })
})
