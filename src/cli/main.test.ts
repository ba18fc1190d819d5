import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CODED_FEATURE_NAMES } from '#core/coded-features.ts'
import { FEATURE_NAMES, FEATURES } from '#core/features.ts'
import { EXIT } from './exit-codes.ts'
import { main } from './main.ts'

const COMMANDS = [
  'screen',
  'segment',
  'assess',
  'measure',
  'landmarks',
  'features',
  'train',
  'evaluate',
  'models',
  'weights',
]

/** Runs a command line as a process would, and gives what it printed. */
async function zaoshai(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const printed = Promise.all([text(stdout), text(stderr)])
  const code = await main(args, { stdout, stderr: stderr as unknown as NodeJS.WriteStream, env })
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, out, err }
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'zaoshai-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('features', () => {
  test('are printed each with unit, method and source, and as one document with --json', async () => {
    const { out } = await zaoshai(['features'])
    const { out: json } = await zaoshai(['features', '--json'])
    for (const name of FEATURE_NAMES) {
      expect(out).toMatch(new RegExp(`^${name} \\(.*, ${FEATURES[name].unit}\\): `, 'm'))
      expect(JSON.parse(json)).toContainEqual({ name, ...FEATURES[name] })
    }
  })
})

describe('measure', () => {
  test('prints every feature of every region, and takes neither one number for two nor a spacing of nothing', async () => {
    const example = path.resolve(import.meta.dirname, '../../examples/ultrasound-one-side')
    const given = ['measure', `${example}/bus_0888-l.png`, '--mask', `${example}/ground-truth/bus_0888-l.png`]
    const { code, out } = await zaoshai([...given, '--spacing', '0.5,0.5'])
    expect(code).toBe(EXIT.ok)
    for (const name of [...FEATURE_NAMES, ...CODED_FEATURE_NAMES])
      expect(out).toMatch(new RegExp(`^    ${name} +\\S`, 'm'))
    const areaOf = (unit: string) => Number(new RegExp(`area${unit} +(\\S+)`).exec(out)?.[1])
    expect(areaOf('Mm2') / areaOf('Px')).toBeCloseTo(0.5 * 0.5, 4)
    for (const spacing of ['0.5', '0,1', '0.1,x', '1,2,3']) {
      expect((await zaoshai([...given, '--spacing', spacing])).code).toBe(EXIT.usage)
    }
    const scaled = await zaoshai([...given, '--scale', '20,40,20,440,200'])
    expect(/areaMm2 +(\S+)/.exec(scaled.out)?.[1]).toBe(/areaMm2 +(\S+)/.exec(out)?.[1])
    const noted = ['--modality', 'US', '--side', 'L', '--clock', '2', '--nipple-distance', '40']
    const { out: entered } = await zaoshai([...given, ...noted])
    expect(entered).toMatch(/clockPosition +2 o'clock/)
    expect(entered).toMatch(/quadrant +Upper outer/)
    expect(entered).toMatch(/enteredNippleDistanceMm +40/)
    const { out: drawn } = await zaoshai([...given, '--modality', 'US', '--outlined-by', 'doctor'])
    expect(drawn).toMatch(/^ {4}shape +(Oval|Round|Irregular)$/m)
    expect(entered).toMatch(/^ {4}shape +outline-not-by-doctor: /m)
    for (const wrong of [
      ['--outlined-by', 'nobody'],
      ['--scale', '20,40,20,40,200'],
      ['--scale', '20,40,20,440'],
      ['--scale', '20,40,20,440,200', '--spacing', '1,1'],
      ['--clock', '13'],
      ['--nipple-distance', '-1'],
    ]) {
      expect((await zaoshai([...given, ...wrong])).code, wrong.join(' ')).toBe(EXIT.usage)
    }
    for (const temperature of [
      ['--temperature', '0.01,0'],
      ['--modality', 'TG', '--temperature', '0,20'],
      ['--modality', 'US', '--temperature', '0.01,0'],
    ]) {
      expect((await zaoshai([...given, ...temperature])).code).toBe(EXIT.usage)
    }
  })
})

describe('help', () => {
  test('names every command', async () => {
    const { code, out } = await zaoshai(['--help'])
    expect(code).toBe(EXIT.ok)
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  test.each(COMMANDS)('of %s teaches by examples and lists the exit codes', async (command) => {
    const { code, out } = await zaoshai([command, '--help'])
    expect(code).toBe(EXIT.ok)
    expect(out).toContain(`Examples:\n  zaoshai ${command}`)
    for (const exit of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^  ${exit} `, 'm'))
  })

  test.each(['list', 'show', 'compare'])('of models %s does so too', async (command) => {
    const { code, out } = await zaoshai(['models', command, '--help'])
    expect(code).toBe(EXIT.ok)
    expect(out).toContain(`Examples:\n  zaoshai models ${command}`)
    for (const exit of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^  ${exit} `, 'm'))
  })

  test('stands for a group of commands where none of them is named, which ends with 2', async () => {
    const { code, err } = await zaoshai(['models'])
    expect(code).toBe(EXIT.usage)
    for (const command of ['list', 'show', 'compare']) expect(err).toMatch(new RegExp(`^  ${command} `, 'm'))
  })

  test('the version is that of package.json', async () => {
    const { out } = await zaoshai(['--version'])
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('a command line that cannot be understood', () => {
  const wrong = [
    ['unknown-command'],
    ['segment'],
    ['segment', 'a.png'],
    ['segment', 'a.png', '--out', 'x', '--modality', 'sonar'],
    ['segment', 'a.png', '--out', 'x', '--device', 'abacus'],
    ['segment', 'a.png', '--out', 'x', '--threads', 'two'],
    ['segment', 'a.png', '--out', 'x', '--no-such-option'],
    ['models', 'delete'],
    ['models', 'compare', 'a', 'b', '--data', 'm.csv'],
  ]
  test.each(wrong.map((args) => [args.join(' '), args] as const))('%s ends with 2 and says why', async (_, args) => {
    const { code, out, err } = await zaoshai(args)
    expect(code).toBe(EXIT.usage)
    expect(out).toBe('')
    expect(err).toContain('error: ')
  })
})

describe('errors', () => {
  const args = () => ['segment', folder, '--out', path.join(folder, 'out'), '--modality', 'US']

  test('are printed as code, cause and remedy without a stack, and end with 3', async () => {
    const { code, out, err } = await zaoshai(args())
    expect(code).toBe(EXIT.nothingDone)
    expect(out).toBe('')
    expect(err).toMatch(/^NO_IMAGES: The inputs name no image\. .+\n$/)
  })

  test('show their stack with --debug', async () => {
    const { err } = await zaoshai([...args(), '--debug'])
    expect(err).toMatch(/^ {4}at /m)
  })

  test('are one JSON document on stdout with --json', async () => {
    const { code, out } = await zaoshai([...args(), '--json'])
    expect(code).toBe(EXIT.nothingDone)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'NO_IMAGES', facts: {} } })
  })

  test('of each input are told on stderr, in the language that --lang or else the locale says', async () => {
    const missing = [path.join(folder, 'no.png'), '--out', path.join(folder, 'missing'), '--modality', 'US']
    const english = await zaoshai(['segment', ...missing], { LANG: 'C.UTF-8' })
    expect(english.err).toContain('INPUT_NOT_FOUND')
    expect(english.out).toContain('0 of 1 images segmented')
    expect((await zaoshai(['segment', ...missing], { LANG: 'zh_CN.UTF-8' })).out).toContain('由医生作出判断')
    expect((await zaoshai(['segment', ...missing, '--lang', 'zh'], { LANG: 'C' })).out).toContain('由医生作出判断')
  })

  test('--json prints nothing else on stdout', async () => {
    const file = path.join(folder, 'b.png')
    await writeFile(path.join(folder, 'manifest.csv'), 'image,modality\nb.png,sonar\n')
    await writeFile(file, '')
    const { code, out } = await zaoshai(['segment', folder, '--out', path.join(folder, 'json'), '--json'])
    expect(code).toBe(EXIT.nothingDone)
    expect(JSON.parse(out)).toMatchObject({ predictions: [], refused: [{ file: 'b.png', code: 'MODALITY_UNKNOWN' }] })
  })
})
