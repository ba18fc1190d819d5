/** How long a screening unit waits: `segment` per image with the model loaded, and a cold `screen` of four images. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { ScreeningError } from '#core/errors.ts'
import { median } from './turns.ts'

const ROOT = resolve(import.meta.dirname, '..')
const EXAMPLE = join(ROOT, 'examples/cesm-p313')
const FOUR_IMAGES = ['P313_R_DM_CC.jpg', 'P313_L_DM_CC.jpg', 'P313_R_DM_MLO.jpg', 'P313_L_DM_MLO.jpg']
/** What is promised on two cores. */
const LIMITS = { segmentMs: 600, screenSeconds: 20 }

export async function benchScreening({ quick }: { readonly quick: boolean }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zaoshai-bench-'))
  try {
    console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}`)
    const images = join(folder, 'study')
    mkdirSync(images)
    for (const file of FOUR_IMAGES) copyFileSync(join(EXAMPLE, file), join(images, file))
    for (let run = 0; run < (quick ? 1 : 3); run++) {
      const segment = await zaoshai(['segment', images, '--modality', 'MG', '--out', join(folder, `masks-${run}`)])
      const rows = parse<Record<string, string>>(readFileSync(join(folder, `masks-${run}`, 'predictions.csv')), {
        columns: true,
      })
      const milliseconds = rows.map((row) => Number(row.milliseconds))
      const screen = await zaoshai(['screen', images, '--modality', 'MG', '--out', join(folder, `report-${run}`)])
      console.log(
        `segment: median ${median(milliseconds)} ms an image over ${rows.length} (limit ${LIMITS.segmentMs}), ` +
          `whole command ${segment.seconds.toFixed(1)} s, peak memory ${segment.peakMib} MiB`,
      )
      console.log(
        `screen, cold, ${FOUR_IMAGES.length} images: ${screen.seconds.toFixed(1)} s (limit ${LIMITS.screenSeconds}), ` +
          `peak memory ${screen.peakMib} MiB`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs the command line as a process of its own. Peak memory is read from Linux's /proc and is 'unknown' elsewhere. */
async function zaoshai(args: readonly string[]): Promise<{ seconds: number; peakMib: number | 'unknown' }> {
  const started = performance.now()
  const child = spawn(process.execPath, [join(ROOT, 'bin/zaoshai.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peakMib: number | 'unknown' = 'unknown'
  const timer = setInterval(() => {
    peakMib = peakMemory(child.pid) ?? peakMib
  }, 50)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new ScreeningError('INTERNAL', { command: args[0] ?? '', exitCode: code ?? -1 })
  return { seconds: (performance.now() - started) / 1000, peakMib }
}

function peakMemory(pid: number | undefined): number | undefined {
  try {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Math.round(Number(kib) / 1024)
  } catch {
    return undefined
  }
}
