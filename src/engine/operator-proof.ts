/**
 * What every operator has to satisfy, on random shapes and numbers: ONNX Runtime's float32 result is the float64
 * reference's, and ONNX Runtime's float32 gradient is the central difference of the float64 reference. Tests only.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorCode } from '#core/errors.ts'
import { centralDifferences, evaluate64, type Numbers } from './float64-oracle.ts'
import { gradients } from './gradient.ts'
import { type DType, Graph, graphOf, type Shape, sizeOf, type TensorData, type Value } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { onnxRuntime, onnxTensor } from './onnxruntime.ts'
import { add, mul, sumAll } from './operators/arithmetic.ts'
import { openSoftwareWebgpu, type SoftwareWebgpu } from './software-webgpu.ts'
import type { Tensor, Tensors } from './tensor.ts'

/**
 * Largest accepted |difference| / (1 + |expected|). One rounding of float32 is 6e-8; a sum of a few dozen products of
 * numbers up to 4, and ONNX Runtime's approximations of exp and erf, leave up to 1e-6 (the largest seen in 300 runs of
 * each operator). A wrong rule is wrong by 1e-2 and more.
 */
export const TOLERANCE = 5e-6

/** The same random shapes and numbers in every run, so that a failure repeats. */
export const SEED = 20_480_517
const RUNS = 30

/** On WebGPU a run costs seconds: a new shape is a new shader. What shapes can do wrong, the runs on the CPU show. */
const WEBGPU_RUNS = 2

/**
 * WebGPU's language bounds its errors more loosely (WGSL, 15.7.4): a division may be off by 2.5 units in the last
 * place, an exponential by 3 + 2 |x|.
 */
const WEBGPU_TOLERANCE = 2e-5

/** Sine and cosine may be off by 2^-11 (WGSL, again), which the loss's weights, up to 2, double. */
const WEBGPU_TOLERANCES: Readonly<Record<string, number>> = { sin: 2 ** -10, cos: 2 ** -10 }

/** ONNX Runtime 1.30 casts from int64 on the CPU; everything else must not leave the device. */
const PARTLY_ON_CPU: ReadonlySet<string> = new Set(['cast'])

/**
 * Where an operator's inputs are drawn from.
 * - `any`: -2 to 2.
 * - `positive`: 0.3 to 3, for logarithms and roots, whose slope is unbounded at 0.
 * - `offZero`: 0.3 to 2 with either sign, for denominators, and for ReLU, which has no slope at 0: a central difference
 *   across the kink would give the mean of the slopes on both sides.
 * - `distinct`: -2 to 2, no two elements nearer to each other than 4 / size, for maxima: where two are equal, a central
 *   difference gives the mean slope of both orders, and where they are nearer than the step, something between.
 * - `few`: -1, 0 or 1, so that equal elements occur.
 * - `flag`: 0 or 1.
 */
export type Domain = 'any' | 'positive' | 'offZero' | 'distinct' | 'few' | 'flag'

/** One input of an operator under test. */
export interface InputSpec {
  readonly shape: Shape
  readonly domain?: Domain
  readonly dtype?: DType
}

/** One random use of an operator: what goes in and how the operator is called. */
export interface Sample {
  readonly inputs: Readonly<Record<string, InputSpec>>
  readonly build: (inputs: Readonly<Record<string, Value>>) => Value | readonly Value[]
  /** False where the operator is not differentiable; the gradient is then not asked for. */
  readonly differentiable?: boolean
}

/**
 * Declares the tests of one file of operators.
 * @param module the file's exports.
 * @param cases how each exported operator is drawn.
 * @param notOperators exported functions that compute on shapes and emit no node.
 */
export function proveOperators<Module extends object>(
  module: Module,
  cases: Readonly<Partial<Record<keyof Module, fc.Arbitrary<Sample>>>>,
  notOperators: readonly (keyof Module & string)[] = [],
): void {
  test('every exported operator has a case', () => {
    expect([...Object.keys(cases), ...notOperators].sort()).toEqual(Object.keys(module).sort())
  })
  describe.each(Object.entries<fc.Arbitrary<Sample> | undefined>(cases))('%s', (_, samples) => {
    test('agrees with the float64 reference, and its gradient with central differences', async () => {
      const proof = fc.asyncProperty(samples!, fc.gen(), (sample, random) => prove(sample, random, runOnnx, TOLERANCE))
      await fc.assert(proof, { seed: SEED, numRuns: RUNS })
    })
  })
  proveOnWebgpu(cases)
}

function proveOnWebgpu(cases: Readonly<Record<string, fc.Arbitrary<Sample> | undefined>>): void {
  let webgpu: SoftwareWebgpu | undefined
  beforeAll(async () => {
    webgpu = await openSoftwareWebgpu()
  })
  afterAll(() => webgpu?.close())
  test.for(Object.entries(cases))(
    'on WebGPU %s and its gradient agree with them too',
    async ([name, samples], { skip }) => {
      if (!webgpu) return skip('no WebGPU')
      const run = runOnWebgpu(webgpu, PARTLY_ON_CPU.has(name))
      const tolerance = WEBGPU_TOLERANCES[name] ?? WEBGPU_TOLERANCE
      const proof = fc.asyncProperty(samples!, fc.gen(), (sample, random) => prove(sample, random, run, tolerance))
      // Shrinking would run for minutes.
      await fc.assert(proof, { seed: SEED, numRuns: WEBGPU_RUNS, endOnFailure: true })
    },
  )
}

async function prove(sample: Sample, random: fc.GeneratorValue, run: Runner, tolerance: number): Promise<void> {
  const graph = new Graph()
  const inputs: Record<string, Value> = {}
  const feeds: Record<string, Float64Array> = {}
  for (const [name, { shape, dtype = 'float32', domain = 'any' }] of Object.entries(sample.inputs)) {
    inputs[name] = graph.input(name, shape, dtype)
    feeds[name] = draw(sizeOf(shape), domain, random)
  }
  const results = [sample.build(inputs)].flat()
  const outputs: Record<string, Value> = Object.fromEntries(results.map((result, i) => [`result${i}`, result]))
  if (sample.differentiable === false) {
    await expectReference(outputs, feeds, run, tolerance)
    return
  }

  const loss = randomlyWeighted(results, random)
  const values = Object.values(inputs)
  gradients(loss, values).forEach((gradient, i) => {
    outputs[`gradient/${values[i]!.name}`] = gradient
  })
  const computed = await expectReference(outputs, feeds, run, tolerance)
  for (const { name } of values) {
    expectClose(computed[`gradient/${name}`]!, centralDifferences(loss, feeds, name), `gradient of ${name}`, tolerance)
  }
}

/** A loss on which every element of every value has an influence of its own. */
export function randomlyWeighted(values: readonly Value[], random: fc.GeneratorValue): Value {
  const terms = values.map((value) => {
    const weights = Float32Array.from(draw(sizeOf(value.shape), 'offZero', random))
    return sumAll(mul(value, value.graph.constant(weights, value.shape)))
  })
  return terms.reduce((sum, term) => add(sum, term))
}

/** Computes a graph's outputs with ONNX Runtime. */
type Runner = (
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Numbers>>,
) => Promise<Record<string, Float64Array>>

/** Runs the graph in ONNX Runtime and holds every output to the reference. */
export async function expectReference(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Numbers>>,
  run: Runner = runOnnx,
  tolerance = TOLERANCE,
): Promise<Record<string, Float64Array>> {
  const computed = await run(outputs, feeds)
  const reference = evaluate64(outputs, feeds)
  for (const name of Object.keys(outputs)) expectClose(computed[name]!, reference[name]!, name, tolerance)
  return computed
}

export function expectClose(actual: Numbers, expected: Numbers, name: string, tolerance = TOLERANCE): void {
  expect(actual.length, `elements of ${name}`).toBe(expected.length)
  for (const [i, number] of expected.entries()) {
    const difference = Math.abs(actual[i]! - number) / (1 + Math.abs(number))
    if (difference <= tolerance) continue
    expect.fail(`${name}, element ${i} of ${expected.length}: ${actual[i]} instead of ${number}`)
  }
}

/** Matches the error of a code: `expect(call).toThrow(refusal('SHAPE_MISMATCH'))`. */
export function refusal(code: ErrorCode): { readonly code: ErrorCode } {
  return expect.objectContaining({ code })
}

/** Emits the graph and runs it once by ONNX Runtime, in this thread. */
export async function runOnnx(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Numbers>>,
  threads = 1,
): Promise<Record<string, Float64Array>> {
  const { InferenceSession } = await onnxRuntime()
  const session = await InferenceSession.create(toOnnx(outputs), { intraOpNumThreads: threads })
  try {
    const tensors = Object.entries(tensorsOf(outputs, feeds)).filter(([name]) => session.inputNames.includes(name))
    const inputs = tensors.map(async ([name, tensor]) => [name, await onnxTensor(tensor)] as const)
    const results = await session.run(Object.fromEntries(await Promise.all(inputs)))
    const named = Object.entries(results).map(([name, { data, dims }]) => [name, { data, shape: dims }])
    return numbersOf(outputs, Object.fromEntries(named))
  } finally {
    await session.release()
  }
}

function runOnWebgpu(webgpu: SoftwareWebgpu, partlyOnCpu: boolean): Runner {
  return async (outputs, feeds) => {
    const model = toOnnx(outputs)
    if (!partlyOnCpu) expect(await webgpu.call('computesAll', { model }), 'all on WebGPU').toBe(true)
    return numbersOf(outputs, await webgpu.call('run', { model, feeds: tensorsOf(outputs, feeds) }))
  }
}

function tensorsOf(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Numbers>>,
): Record<string, Tensor> {
  const inputs = [...graphOf(Object.values(outputs)).inputs.values()].filter(({ name }) => feeds[name])
  const tensors = inputs.map(({ name, dtype, shape }) => [name, { data: tensorData(dtype, feeds[name]!), shape }])
  return Object.fromEntries(tensors)
}

function numbersOf(outputs: Readonly<Record<string, Value>>, results: Tensors): Record<string, Float64Array> {
  for (const [name, { shape }] of Object.entries(outputs)) expect(results[name]?.shape, name).toEqual(shape)
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Float64Array.from(data as Iterable<number>, Number)]),
  )
}

function tensorData(dtype: DType, numbers: Numbers): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers)
    case 'float16':
      return Float16Array.from(numbers)
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, (number) => BigInt(Math.trunc(number))))
    case 'bool':
      return Uint8Array.from(numbers, (number) => (number === 0 ? 0 : 1))
  }
}

/** Random multiples of 1/256: half, single and double precision hold them alike, so all computations start equal. */
export function draw(count: number, domain: Domain, random: fc.GeneratorValue): Float64Array {
  if (domain === 'distinct') {
    const spacing = Math.floor(1024 / count)
    const places = random(fc.shuffledSubarray, [...Array(count).keys()], { minLength: count })
    return Float64Array.from(places, (place) => (place * spacing) / 256 - 2)
  }
  const elements = random(fc.array, ELEMENT_256THS[domain], { minLength: count, maxLength: count })
  return Float64Array.from(elements, (element) => element / 256)
}

const ELEMENT_256THS = {
  any: fc.integer({ min: -512, max: 512 }),
  positive: fc.integer({ min: 77, max: 768 }),
  offZero: fc.oneof(fc.integer({ min: -512, max: -77 }), fc.integer({ min: 77, max: 512 })),
  few: fc.constantFrom(-256, 0, 256),
  flag: fc.constantFrom(0, 256),
} as const satisfies Record<Exclude<Domain, 'distinct'>, fc.Arbitrary<number>>

// Random shapes. Small ones: a rule that is right for extents 1 to 5 has no reason to be wrong for 448.

/** Largest number of elements of a drawn shape: each costs two evaluations of the reference. */
const MOST_ELEMENTS = 60

export function extents(low = 1, high = 5): fc.Arbitrary<number> {
  return fc.integer({ min: low, max: high })
}

export function shapes(lowRank = 0, highRank = 4): fc.Arbitrary<readonly number[]> {
  return fc
    .array(extents(), { minLength: lowRank, maxLength: highRank, size: 'max' })
    .filter((shape) => sizeOf(shape) <= MOST_ELEMENTS)
}

/** A shape that broadcasts to `shape`: leading axes left out, others shrunk to 1. */
export function broadcastable(shape: Shape): fc.Arbitrary<readonly number[]> {
  return fc
    .tuple(fc.nat({ max: shape.length }), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .map(([dropped, kept]) => shape.map((extent, axis) => (kept[axis] ? extent : 1)).slice(dropped))
}

/** Two shapes that broadcast against each other, either one the smaller along each axis. */
export function broadcastPairs(): fc.Arbitrary<readonly [Shape, Shape]> {
  return shapes().chain((shape) => fc.tuple(broadcastable(shape), broadcastable(shape)))
}

/** An axis of a tensor of this rank, counted from the start or from the end. */
export function axes(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 })
}
