import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, matchesGlob } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowedSpecifiers, EDGE_MODULES, EDGE_PACKAGES, ROOM_NAMES, ROOMS, type RoomName } from './rooms.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A file planted in a copy of the tree, and the lint rule that must refuse it; null where it must pass. */
interface Plant {
  readonly title: string
  readonly file: string
  readonly text: string
  readonly refusedBy: string | null
}

const IMPORTS = 'lint/style/noRestrictedImports'
const GLOBALS = 'lint/style/noRestrictedGlobals'

const plants: Plant[] = [
  ...ROOM_NAMES.flatMap((room) => ROOM_NAMES.flatMap((other) => importPlants(room, other))),
  ...ROOM_NAMES.flatMap(edgePlants),
  plant('core may not import any module of Node', 'core', "import { join } from 'node:path'\nexport { join }", IMPORTS),
  plant('core may not use the globals of Node', 'core', 'export const env = process.env', GLOBALS),
  plant('engine may not import more of core than its errors', 'engine', "export * from '#core/image.ts'", IMPORTS),
  plant('no room touches the DOM', 'app', 'export const title = document.title', GLOBALS),
].map((planted, index) => ({ ...planted, file: planted.file.replace('?', String(index)) }))

/** A `?` in the name of the file becomes the number of the plant. */
function plant(title: string, room: RoomName, text: string, refusedBy: string | null, name = 'planted-?.ts'): Plant {
  return { title, file: `src/${room}/${name}`, text: `${text}\n`, refusedBy }
}

function importPlants(room: RoomName, other: RoomName): Plant[] {
  const target = room === 'engine' && other === 'core' ? 'errors' : 'planted-target'
  const refusedBy = (ROOMS[room].mayImport as readonly string[]).includes(other) ? null : IMPORTS
  const may = refusedBy === null ? 'may' : 'may not'
  return [
    plant(`${room} ${may} import ${other}`, room, `export * from '#${other}/${target}.ts'`, refusedBy),
    plant(
      `${room} ${may} import types of ${other}`,
      room,
      `export type { T } from '#${other}/${target}.ts'`,
      refusedBy,
    ),
    plant(`${room} ${may} import ${other} while it runs`, room, `await import('#${other}/${target}.ts')`, refusedBy),
    plant(
      `a test of ${room} ${may} import ${other}`,
      room,
      `export * from '#${other}/${target}.ts'`,
      refusedBy,
      `planted-${other}.test.ts`,
    ),
    ...(room === other
      ? []
      : [
          plant(
            `${room} may not reach ${other} by a relative path`,
            room,
            `export * from '../${other}/planted-target.ts'`,
            IMPORTS,
          ),
          plant(
            `${room} may not reach ${other} from a folder within`,
            room,
            `export * from '../../${other}/planted-target.ts'`,
            IMPORTS,
            `within/planted-${other}.ts`,
          ),
        ]),
  ]
}

function edgePlants(room: RoomName): Plant[] {
  const edges: readonly string[] = ROOMS[room].edges
  const isEdge = edges.includes('**')
  const refused = (rule: string) => (isEdge ? null : rule)
  const edgeFiles = isEdge ? [] : edges.map((glob) => glob.replaceAll('*', ''))
  return [
    ...EDGE_MODULES.flatMap((name) => [
      plant(`${room} and node:${name}`, room, `export * from 'node:${name}'`, refused(IMPORTS)),
      plant(`${room} and ${name}`, room, `import * as m from '${name}'\nexport default m`, refused(IMPORTS)),
    ]),
    ...EDGE_PACKAGES.map((name) => plant(`${room} and ${name}`, room, `export * from '${name}'`, refused(IMPORTS))),
    plant(`${room} and node:fs/promises`, room, "export * from 'node:fs/promises'", refused(IMPORTS)),
    plant(`${room} and fetch`, room, "export const page = await fetch('x')", refused(GLOBALS)),
    plant(`a test of ${room} may read files`, room, "export * from 'node:fs'", null, 'planted-files.test.ts'),
    ...edgeFiles.map((file) => plant(`${room}/${file} may touch files`, room, "export * from 'node:fs'", null, file)),
    plant(`${room} imports its own files`, room, "export * from './planted-target.ts'", null),
    plant(
      `${room} imports its own files from a folder`,
      room,
      "export * from '../planted-target.ts'",
      null,
      'within/own.ts',
    ),
  ]
}

describe('room rules, each proved by a planted breach', () => {
  let folder = ''
  let found: Map<string, Set<string>>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zaoshai-rooms-'))
    const configuration = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
    write('biome.json', JSON.stringify({ ...configuration, root: true, vcs: { enabled: false } }))
    for (const file of ['biome.rooms.json', 'package.json']) cpSync(join(root, file), join(folder, file))
    for (const { file, text } of plants) write(file, text)
    for (const room of ROOM_NAMES) write(`src/${room}/planted-target.ts`, 'export type T = string\n')
    write('src/core/cycle-one.ts', "import { two } from './cycle-two.ts'\nexport const one = () => two\n")
    write('src/core/cycle-two.ts', "import { one } from './cycle-one.ts'\nexport const two = () => one\n")
    write('src/sam/cycle-one.ts', "import { two } from '#training/cycle-two.ts'\nexport const one = () => two\n")
    write('src/training/cycle-two.ts', "import { one } from '#sam/cycle-one.ts'\nexport const two = () => one\n")
    found = await lint()
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }

  /** The rules that each planted file breaks. */
  async function lint(): Promise<Map<string, Set<string>>> {
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    const options = { cwd: folder, maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: '1' } }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [biome, 'lint', '--reporter=github', '--max-diagnostics=none', '.'],
      options,
    ).catch((error: { stdout: string }) => error)
    const rules = new Map<string, Set<string>>()
    for (const [, rule = '', file = ''] of stdout.matchAll(/title=([^,]+),file=([^,]+)/g)) {
      const name = file.slice(file.indexOf('/src/') + 1)
      rules.set(name, (rules.get(name) ?? new Set()).add(rule))
    }
    return rules
  }

  test('every planted file is judged as its title says', () => {
    const judged = plants.map(({ title, file, refusedBy }) => {
      const broken = [...(found.get(file) ?? [])].filter((rule) => rule === IMPORTS || rule === GLOBALS)
      return { title, file, refusedBy: broken[0] ?? null, expected: refusedBy }
    })
    expect(judged.length).toBeGreaterThan(500)
    expect(judged.filter(({ refusedBy, expected }) => refusedBy !== expected).slice(0, 20)).toEqual([])
  })

  test('files that import each other are refused, within a room and across rooms', () => {
    for (const file of [
      'src/core/cycle-one.ts',
      'src/core/cycle-two.ts',
      'src/sam/cycle-one.ts',
      'src/training/cycle-two.ts',
    ]) {
      expect([...(found.get(file) ?? [])], file).toContain('lint/suspicious/noImportCycles')
    }
  })
})

test('no text in a source names a room that its own room may not import', () => {
  // What lint does not see: import types, require, and paths of workers.
  const wrong = globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
    const room = file.split(/[\\/]/)[1] as RoomName
    const text = readFileSync(join(root, file), 'utf8')
    const specifiers = [...text.matchAll(/['"`](#[a-z]+\/[^'"`]*)['"`]/g)].map(([, specifier = '']) => specifier)
    const allowed = allowedSpecifiers(room, file.endsWith('.test.ts'))
    return specifiers
      .filter((name) => !allowed.some((glob) => matchesGlob(name, glob)))
      .map((name) => `${file}: ${name}`)
  })
  expect(wrong).toEqual([])
})

test('package.json names exactly the rooms that others may import', () => {
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const imported = new Set<string>(ROOM_NAMES.flatMap((room) => [...ROOMS[room].mayImport]))
  expect(imports).toEqual(Object.fromEntries([...imported].map((room) => [`#${room}/*`, `./src/${room}/*`])))
})

test('every folder under src is a room with its rule', () => {
  const folders = new Set(globSync('src/*/**/*.ts', { cwd: root }).map((file) => file.split(/[\\/]/)[1]))
  expect([...folders].filter((folder) => !ROOM_NAMES.includes(folder as RoomName))).toEqual([])
})
