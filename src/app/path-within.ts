import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { ScreeningError } from '#core/errors.ts'

/**
 * Where a path leads that a file of this folder names. Also a link that leads out of the folder is refused: what comes from
 * elsewhere must not read what it was not given.
 * @throws PATH_OUTSIDE_STUDY; FILE_UNREADABLE where the folder itself cannot be read.
 */
export async function pathWithin(folder: string, named: string): Promise<string> {
  const home = path.resolve(folder)
  const target = path.resolve(home, named)
  const real = await realpath(target).catch(() => target)
  const root = await realpath(home).catch((cause) => {
    throw new ScreeningError('FILE_UNREADABLE', { file: path.basename(home) }, { cause })
  })
  if (!isBelow(home, target) || !(isBelow(root, real) || isBelow(home, real))) {
    throw new ScreeningError('PATH_OUTSIDE_STUDY', { file: path.basename(named) })
  }
  return target
}

function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
}
