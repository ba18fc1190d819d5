/**
 * The rooms under `src/` and who may import whom: the one table from which the lint rules are written
 * (`biome.rooms.json`, by `npm run docs -- --write`) and which the planted breaches of `rooms.test.ts` prove.
 */
export const ROOMS = {
  core: { mayImport: [], edges: [] },
  disk: { mayImport: ['core'], edges: ['**'] },
  imaging: { mayImport: ['core'], edges: [] },
  engine: { mayImport: ['core'], edges: ['session.ts', 'worker.ts', 'software-webgpu.ts'] },
  sam: { mayImport: ['core', 'disk', 'imaging', 'engine'], edges: ['weights*.ts', 'model.ts'] },
  training: {
    mayImport: ['core', 'disk', 'imaging', 'engine', 'sam'],
    edges: ['manifest.ts', 'dataset.ts', 'cache.ts', 'checkpoint.ts', 'run-folder.ts'],
  },
  features: { mayImport: ['core', 'imaging'], edges: [] },
  assessment: { mayImport: ['core'], edges: [] },
  report: { mayImport: ['core'], edges: ['browser.ts', 'print.ts'] },
  app: {
    mayImport: ['core', 'disk', 'imaging', 'engine', 'sam', 'training', 'features', 'assessment', 'report'],
    edges: ['**'],
  },
  cli: { mayImport: ['app', 'core'], edges: ['**'] },
} as const satisfies Record<string, Room>

interface Room {
  /** Rooms whose files it may import, as `#room/file.ts`. Its own files it imports by relative path. */
  readonly mayImport: readonly string[]
  /** Files of the room, relative to it, that touch files or the network. All others compute on values. */
  readonly edges: readonly string[]
}

export type RoomName = keyof typeof ROOMS

export const ROOM_NAMES = Object.keys(ROOMS) as RoomName[]

/** Of the vocabulary the engine sees the error codes only; its tests also the seeded random. */
const ENGINE_SEES_OF_CORE = '#core/errors.ts'

/** What opens files, the network or processes. */
export const EDGE_MODULES = ['fs', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'child_process'] as const

/** Packages that do. */
export const EDGE_PACKAGES = ['pacote'] as const

/** Globals that do the same, or that belong to a browser. */
const NETWORK_GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']
const BROWSER_GLOBALS = ['document', 'window', 'localStorage', 'sessionStorage', 'indexedDB', 'navigator', 'location']
/** Globals of Node that the vocabulary does without, as it does without `node:` modules. */
const NODE_GLOBALS = ['process', 'Buffer', 'require', '__dirname', '__filename']

interface Pattern {
  readonly group: readonly string[]
  readonly message: string
}

/** The specifiers by which `room` may reach into other rooms, as gitignore-style patterns. */
export function allowedSpecifiers(room: RoomName, isTest = false): readonly string[] {
  return ROOMS[room].mayImport.map((other) =>
    room === 'engine' && other === 'core' && !isTest ? ENGINE_SEES_OF_CORE : `#${other}/**`,
  )
}

/** What a file of a room is: one that computes, one that touches files and network, or a test, which may do so too. */
type Kind = 'ordinary' | 'edge' | 'test'

/** The content of `biome.rooms.json`: for each room the rule of its ordinary files, of its edges and of its tests. */
export function lintConfiguration(): object {
  return {
    overrides: ROOM_NAMES.flatMap((room) => [
      override([`src/${room}/**`], room, 'ordinary'),
      ...(ROOMS[room].edges.length > 0
        ? [
            override(
              ROOMS[room].edges.map((file) => `src/${room}/${file}`),
              room,
              'edge',
            ),
          ]
        : []),
      override([`src/${room}/**/*.test.ts`], room, 'test'),
    ]),
  }
}

/** In Biome a later override replaces the options of an earlier one, so each states its rule in full. */
function override(includes: readonly string[], room: RoomName, kind: Kind): object {
  const isEdge = kind !== 'ordinary'
  const patterns = [roomPattern(room, kind === 'test'), leavingPattern(), ...modulePatterns(room, isEdge)]
  return {
    includes,
    linter: {
      rules: {
        style: {
          noRestrictedImports: { level: 'error', options: { patterns } },
          noRestrictedGlobals: { level: 'error', options: { deniedGlobals: deniedGlobals(room, isEdge) } },
        },
      },
    },
  }
}

function roomPattern(room: RoomName, isTest: boolean): Pattern {
  const allowed = ROOMS[room].mayImport
  const rooms = allowed.length === 0 ? 'no other room' : `of other rooms only ${allowed.join(', ')}`
  const note = room === 'engine' ? ' (errors only)' : ''
  return {
    group: ['#*/**', ...allowedSpecifiers(room, isTest).map((specifier) => `!${specifier}`)],
    message: `${room} imports ${rooms}${note}. See ARCHITECTURE.md.`,
  }
}

function leavingPattern(): Pattern {
  const outside = [...ROOM_NAMES, 'scripts', 'bench', 'bin', 'node_modules']
  return {
    group: outside.flatMap((folder) => [`../${folder}/**`, `**/../${folder}/**`]),
    message: 'A relative import stays in its room; other rooms are imported as #room/file.ts.',
  }
}

function modulePatterns(room: RoomName, isEdge: boolean): Pattern[] {
  if (isEdge) return []
  if (room === 'core') {
    return [
      {
        group: ['node:*', 'node:*/**', ...EDGE_MODULES, ...EDGE_PACKAGES],
        message: 'core is free of Node: it is only vocabulary.',
      },
    ]
  }
  return [
    {
      group: [
        ...EDGE_MODULES.flatMap((name) => [`node:${name}`, `node:${name}/**`, name, `${name}/**`]),
        ...EDGE_PACKAGES,
      ],
      message: 'Files, network and processes are touched at the edges only; this file computes on values.',
    },
  ]
}

function deniedGlobals(room: RoomName, isEdge: boolean): Record<string, string> {
  const browser = BROWSER_GLOBALS.map((name) => [name, 'No room here runs in a browser.'])
  const network = NETWORK_GLOBALS.map((name) => [name, 'The network is touched at the edges only.'])
  const node = NODE_GLOBALS.map((name) => [name, 'core is free of Node: it is only vocabulary.'])
  return Object.fromEntries([...browser, ...(isEdge ? [] : network), ...(room === 'core' && !isEdge ? node : [])])
}
