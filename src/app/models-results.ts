import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ScreeningError } from '#core/errors.ts'
import { RobustnessRow } from '#training/robustness.ts'
import { Summary } from '#training/summary.ts'
import type { Results } from './models-card.ts'

/** What `zaoshai evaluate` writes: `summary.json`, and with `--robustness` `robustness.json`. */
const OfModel = z.object({ model: z.object({ sha256: z.string() }), split: z.string(), dataHash: z.string() })
const Evaluated = OfModel.extend({ summary: Summary, withoutPresenceGate: Summary })
const Robust = OfModel.extend({ rows: z.array(RobustnessRow) })

/**
 * Reads what `zaoshai evaluate` measured with a model after it was written.
 * @param sha256 of the model file.
 * @throws RESULTS_UNFIT when a file cannot be read, is no such result, or is of another model.
 */
export async function readResults(files: readonly string[], sha256: string): Promise<Results> {
  const read = await Promise.all(files.map((file) => readResult(file, sha256)))
  return {
    measured: read.flatMap((result) => ('summary' in result ? [result] : [])),
    robustness: read.flatMap((result) => ('rows' in result ? result.rows : [])),
  }
}

async function readResult(name: string, sha256: string): Promise<z.infer<typeof Evaluated> | z.infer<typeof Robust>> {
  const file = path.basename(name)
  let document: unknown
  try {
    document = JSON.parse(await readFile(name, 'utf8'))
  } catch (cause) {
    throw new ScreeningError('RESULTS_UNFIT', { file, problem: 'cannot be read' }, { cause })
  }
  const result = z.union([Evaluated, Robust]).safeParse(document)
  if (!result.success) throw new ScreeningError('RESULTS_UNFIT', { file, problem: 'not written by zaoshai evaluate' })
  const found = result.data.model.sha256
  if (found !== sha256) throw new ScreeningError('RESULTS_UNFIT', { file, needs: sha256, found })
  return result.data
}
