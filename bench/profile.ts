/** Where a model's time goes, by ONNX Runtime's own profiler. */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shape } from '#engine/graph.ts'
import { microBatches } from '#engine/micro-batch.ts'
import { onnxRuntime, onnxTensor } from '#engine/onnxruntime.ts'
import type { Tensors } from '#engine/tensor.ts'

const RUNS = 5
const ROWS = 20

/** Runs the first piece of a batch, parameters at 0, and prints the operators and the shapes that take longest. */
export async function printProfile(model: Uint8Array, feeds: Tensors, threads: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zaoshai-profile-'))
  try {
    const { InferenceSession } = await onnxRuntime()
    const session = await InferenceSession.create(model, {
      intraOpNumThreads: threads,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
    const inputs = new Map(
      session.inputMetadata.map((input): [string, Shape] => [
        input.name,
        input.isTensor ? input.shape.map(Number) : [],
      ]),
    )
    const piece = microBatches(feeds, inputs)[0] ?? {}
    const given: Record<string, Awaited<ReturnType<typeof onnxTensor>>> = {}
    for (const [name, shape] of inputs) {
      const length = shape.reduce((product, extent) => product * extent, 1)
      given[name] = await onnxTensor(piece[name] ?? { data: new Float32Array(length), shape })
    }
    for (let run = 0; run < RUNS; run++) await session.run(given)
    session.endProfiling()
    const [file] = globSync(join(folder, '*.json'))
    const nodes = nodeTimes(JSON.parse(readFileSync(file!, 'utf8')) as ProfileEvent[])
    printTable('operator', nodes, ({ operator }) => operator)
    printTable('operator and shapes', nodes, ({ operator, shapes }) => `${operator} ${shapes}`)
    await session.release()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface ProfileEvent {
  readonly cat: string
  readonly name: string
  /** Microseconds. */
  readonly dur: number
  readonly args: {
    readonly op_name?: string
    readonly input_type_shape?: readonly Readonly<Record<string, Shape>>[]
    readonly output_type_shape?: readonly Readonly<Record<string, Shape>>[]
  }
}

interface NodeTime {
  readonly operator: string
  readonly shapes: string
  readonly milliseconds: number
}

/** Each node's shortest run: what else the machine does only ever makes a run longer. */
function nodeTimes(events: readonly ProfileEvent[]): NodeTime[] {
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
  return [...Map.groupBy(kernels, ({ name }) => name).values()].map((runs) => {
    const { op_name: operator = '', input_type_shape: inputs, output_type_shape: outputs } = runs[0]!.args
    const list = (types: typeof inputs) => (types ?? []).map((type) => Object.values(type)[0]!.join('x')).join(', ')
    const microseconds = Math.min(...runs.map(({ dur }) => dur))
    return { operator, shapes: `${list(inputs)} -> ${list(outputs)}`, milliseconds: microseconds / 1e3 }
  })
}

function printTable(title: string, nodes: readonly NodeTime[], keyOf: (node: NodeTime) => string): void {
  const total = nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const rows = [...Map.groupBy(nodes, keyOf)].map(([key, of]) => {
    return { key, count: of.length, milliseconds: of.reduce((sum, { milliseconds }) => sum + milliseconds, 0) }
  })
  console.log(`\n      ms  share  nodes  ${title} (all: ${total.toFixed(0)} ms, ${nodes.length} nodes)`)
  for (const { key, count, milliseconds } of rows.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, ROWS)) {
    const share = `${((100 * milliseconds) / total).toFixed(1)}%`
    console.log(`${milliseconds.toFixed(1).padStart(8)} ${share.padStart(6)} ${String(count).padStart(6)}  ${key}`)
  }
}
