/**
 * Our side of the comparison of training steps, as a process of its own: takes the same file and answers the same lines
 * as `train_step.py`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openTrainer } from '#engine/session.ts'
import { readProblem } from './step-problem.ts'

const { settings, model, parameters, start, feeds } = await readProblem(process.argv[2]!)
const trained = parameters.map((name) => {
  const { shape, data: value } = start.get(name)!
  return { name, shape, value, learningRate: settings.learningRates[name]!, decay: settings.weightDecay }
})
const { clipNorm, averageDecay, threads } = settings
await using trainer = await openTrainer(model, { parameters: trained, clipNorm, averageDecay }, { threads })

forgetPeak()
console.log(JSON.stringify({ parameters: parameters.length }))
for await (const _ of createInterface({ input: process.stdin })) {
  const [started, computed] = [performance.now(), process.cpuUsage()]
  const outputs = await trainer.step(feeds, 1)
  const milliseconds = performance.now() - started
  const { user, system } = process.cpuUsage(computed)
  const times = { milliseconds, cpuMilliseconds: (user + system) / 1e3 }
  const losses = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Number(data[0])]))
  console.log(JSON.stringify({ ...times, losses, peakMib: peakMemory() }))
}

/** MiB that this process has held at most since `forgetPeak`; null where there is no /proc. */
function peakMemory(): number | null {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
  } catch {
    return null
  }
}

function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // No /proc: then no peak is told either.
  }
}
