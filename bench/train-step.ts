/**
 * Our training step against the same step in PyTorch, from the same weights, on the same batch, with the same optimiser:
 * once on the cached features of a frozen trunk, once from pixels with a trunk whose upper blocks train.
 */
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { RECIPE } from '#training/train.ts'
import { type Environment, LinePeer, MissingPeer, openPyTorch } from './peer.ts'
import { printProfile } from './profile.ts'
import { type Problem, prepare, readProblem } from './step-problem.ts'
import { byTurns, median } from './turns.ts'

interface Case {
  readonly name: string
  readonly about: string
  readonly trunkFrom: number
  readonly turns: { readonly quick: number; readonly full: number }
}

const CASES: readonly Case[] = [
  { name: 'frozen trunk', about: 'on cached features', trunkFrom: 12, turns: { quick: 3, full: 15 } },
  {
    name: 'trunk',
    about: 'from pixels, every matrix of blocks 7 to 11 by low-rank corrections',
    trunkFrom: 7,
    turns: { quick: 2, full: 9 },
  },
]

/** float32 sums in another order; agreement beyond it would need the same instructions. */
const LOSS_TOLERANCE = 1e-3

/**
 * `npm run bench -- train-step`: prints, of each case, both sides' medians and peak memory, and last a line
 * `<case>: ratio N.NN`, images per second of ours to PyTorch's.
 */
export async function benchTrainStep({ quick, profile }: { quick: boolean; profile: boolean }): Promise<void> {
  const common = { batch: RECIPE.batch, size: 448, threads: 2 }
  console.log(`batch ${common.batch} at ${common.size} px, ${common.threads} threads each, ${cpus().length} cores`)
  let environment: Environment | undefined
  for (const { name, about, trunkFrom, turns } of CASES) {
    await using problem = await prepare({ ...common, trunkFrom })
    console.log(`\n${name}: ${about}; machine load (1 min) ${loadNow()}, of which this benchmark is up to 2`)
    if (profile) {
      const { model, feeds } = await readProblem(problem.file)
      await printProfile(model, feeds, common.threads)
      continue
    }
    environment = quick && environment ? environment : await fasterEnvironment(problem, quick ? 1 : 4)
    await compare(name, problem, environment, quick ? turns.quick : turns.full)
  }
}

async function compare(name: string, problem: Problem, environment: Environment, turns: number): Promise<void> {
  await using pair = await openPair(problem, environment)
  assertSameStep(await pair.ours(), await pair.theirs())
  const steps: Record<'ours' | 'PyTorch', Step[]> = { ours: [], PyTorch: [] }
  const take = (side: 'ours' | 'PyTorch', step: () => Promise<Step>) => async () => {
    const taken = await step()
    steps[side].push(taken)
    return taken.milliseconds
  }
  const [ours, theirs] = await byTurns(
    [
      { name: 'ours', run: take('ours', pair.ours) },
      { name: 'PyTorch', run: take('PyTorch', pair.theirs) },
    ],
    { turns, warmUp: 0 },
    (side, milliseconds) => console.log(`  ${side.padEnd(8)} ${milliseconds.toFixed(0).padStart(6)} ms`),
  )
  const rate = (times: readonly number[]) => (problem.settings.batch * 1000) / median(times)
  for (const [side, times] of [['ours', ours] as const, ['PyTorch', theirs] as const]) {
    const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`
    const cpu = median(steps[side].map(({ cpuMilliseconds }) => cpuMilliseconds))
    console.log(
      `${side.padEnd(8)} median ${median(times).toFixed(0)} ms (${range}), ${rate(times).toFixed(2)} images/s, ` +
        `CPU ${cpu.toFixed(0)} ms, peak memory ${peakOf(steps[side]).toFixed(0)} MiB`,
    )
  }
  console.log(`machine load (1 min) ${loadNow()} after`)
  console.log(`${name}: memory ${(peakOf(steps.ours) / peakOf(steps.PyTorch)).toFixed(2)} of PyTorch's`)
  console.log(`${name}: ratio ${(rate(ours) / rate(theirs)).toFixed(2)}`)
}

const peakOf = (steps: readonly Step[]) => Math.max(...steps.map(({ peakMib }) => peakMib ?? Number.NaN))

const loadNow = () => (loadavg()[0] ?? Number.NaN).toFixed(2)

/**
 * PyTorch's idle threads spin for more work, which is faster on a quiet machine and many times slower on a busy one.
 * The peer gets what is faster here and now.
 */
async function fasterEnvironment(problem: Problem, steps: number): Promise<Environment> {
  const environments = { spin: {}, sleep: { OMP_WAIT_POLICY: 'passive' } }
  let best: { name: string; environment: Environment; milliseconds: number } | undefined
  for (const [name, environment] of Object.entries(environments)) {
    await using peer = await openTheirs(problem, environment)
    if (!best) describePeer(peer.description)
    const times: number[] = []
    for (let i = 0; i <= steps; i++) times.push((await peer.step()).milliseconds)
    const milliseconds = median(times.slice(1))
    console.log(`PyTorch, when idle threads ${name}: ${milliseconds.toFixed(0)} ms`)
    if (!best || milliseconds < best.milliseconds) best = { name, environment, milliseconds }
  }
  return best?.environment ?? {}
}

function describePeer({ torch, threads, linearAlgebra }: PeerDescription): void {
  console.log(`PyTorch ${torch}, ${threads} threads, linear algebra by ${linearAlgebra.join(', ')}`)
  if (linearAlgebra.every((file) => file.includes('/blas/'))) {
    throw new MissingPeer(
      'PyTorch is here, but on the reference BLAS, with which nobody would train: `apt install libopenblas0-openmp`',
    )
  }
}

function assertSameStep(ours: Step, theirs: Step): void {
  console.log('the first step on both sides:')
  for (const [name, theirValue] of Object.entries(theirs.losses)) {
    const ourValue = ours.losses[name] ?? Number.NaN
    console.log(`  ${name.padEnd(13)} ours ${ourValue.toFixed(6)}  PyTorch ${theirValue.toFixed(6)}`)
    if (!(Math.abs(ourValue - theirValue) <= LOSS_TOLERANCE * Math.max(1, Math.abs(theirValue)))) {
      throw new Error(`${name} differs by more than ${LOSS_TOLERANCE}: the two sides do not take the same step`)
    }
  }
}

/** What a side tells of a step: each loss, their weighted total, and the gradient's norm before clipping. */
interface Step {
  readonly milliseconds: number
  /** Of all threads; what else the machine does changes it less than the time on the clock. */
  readonly cpuMilliseconds: number
  readonly losses: Readonly<Record<string, number>>
  /** The most memory that the side's process has held since it took its steps; null where there is no /proc. */
  readonly peakMib: number | null
}

/** Both sides at the same point, each ready to take the next step on the same batch. */
export interface Pair extends AsyncDisposable {
  ours(): Promise<Step>
  theirs(): Promise<Step>
}

interface PeerDescription {
  readonly torch: string
  readonly threads: number
  readonly linearAlgebra: readonly string[]
}

/** @throws MissingPeer where there is no PyTorch. */
export async function openPair(problem: Problem, environment: Environment = {}): Promise<Pair> {
  await using opened = new AsyncDisposableStack()
  const theirs = opened.use(await openTheirs(problem, environment))
  const ours = opened.use(await openOurs(problem))
  const closing = opened.move()
  return { ours: ours.step, theirs: theirs.step, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

async function openOurs({ file }: Problem) {
  const peer = new LinePeer(process.execPath, [join(import.meta.dirname, 'our-step.ts'), file])
  await peer.read()
  return { step: () => peer.ask<Step>('step'), [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() }
}

async function openTheirs({ file, settings }: Problem, environment: Environment) {
  const peer = openPyTorch('train_step.py', file, { threads: settings.threads, environment })
  const description = await peer.read<PeerDescription>()
  return { description, step: () => peer.ask<Step>('step'), [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose]() }
}
