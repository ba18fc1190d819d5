/** Low-rank adaptation of the trunk (Hu et al. 2021): a weight W trains as W + B A, with A and B of few rows and columns. */
import { type Random, seededRandom } from '#core/random.ts'
import { add } from '#engine/operators/arithmetic.ts'
import { matmul } from '#engine/operators/products.ts'
import type { ParameterSource } from './parameters.ts'
import { trunkBlock } from './trunk.ts'
import type { NamedTensor, Weights } from './weights.ts'

/** Which matrices of a block are corrected. */
export const LORA_TARGETS = ['attention', 'mlp', 'all'] as const
export type LoraTargets = (typeof LORA_TARGETS)[number]

const MATRICES: Readonly<Record<LoraTargets, RegExp>> = {
  attention: /^attn\.(qkv|proj)\.weight$/,
  mlp: /^mlp\.layers\.[01]\.weight$/,
  all: /^(attn\.(qkv|proj)|mlp\.layers\.[01])\.weight$/,
}
const PREFIX = 'lora.'

/** Names of the two factors of a weight's correction: A is [rank, in], B is [out, rank]. */
function factorNames(weight: string): { readonly a: string; readonly b: string } {
  return { a: `${PREFIX}${weight}.a`, b: `${PREFIX}${weight}.b` }
}

/** Whether a tensor is one of the factors. */
export function isFactor(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Where the corrections are. */
export interface LoraSettings {
  /** The first block of the trunk that is corrected; 12 corrects none. */
  readonly trunkFrom: number
  readonly loraRank: number
  readonly loraTargets: LoraTargets
}

/** Factors for the trunk's matrices: A random, B zero, so that nothing changes at first. */
export function initialFactors(
  base: Weights,
  { trunkFrom, loraRank: rank, loraTargets }: LoraSettings,
  random: Random,
): Weights {
  const factors = new Map<string, NamedTensor>()
  for (const [name, { shape }] of base) {
    const place = trunkBlock(name)
    if (place === undefined || place.block < trunkFrom || !MATRICES[loraTargets].test(place.rest)) continue
    const [out, into] = shape as [number, number]
    const names = factorNames(name)
    const data = Float32Array.from({ length: rank * into }, () => random.normal() / Math.sqrt(into))
    factors.set(names.a, { shape: [rank, into], data })
    factors.set(names.b, { shape: [out, rank], data: new Float32Array(out * rank) })
  }
  return factors
}

/** Whether tensors hold just the factors that these settings train: then training goes on with them. */
export function holdFactors(tensors: Weights, base: Weights, settings: LoraSettings): boolean {
  const named = (factors: Weights) => [...factors].map(([name, { shape }]) => `${name} ${shape}`).sort()
  const wanted = initialFactors(base, settings, seededRandom(0))
  return String(named(new Map([...tensors].filter(([name]) => isFactor(name))))) === String(named(wanted))
}

/** Gives W + B A for the weights that have factors, everything else as it is. */
export function adapted(source: ParameterSource, weights: Weights): ParameterSource {
  return (name) => {
    const { a, b } = factorNames(name)
    return weights.has(a) ? add(source(name), matmul(source(b), source(a))) : source(name)
  }
}

/** The tensors without factors: each corrected weight is multiplied out. */
export function mergeFactors(tensors: Weights, base: Weights): Weights {
  const merged = new Map([...tensors].filter(([name]) => !isFactor(name)))
  for (const [name, weight] of base) {
    const [a, b] = [tensors.get(factorNames(name).a), tensors.get(factorNames(name).b)]
    if (a && b) merged.set(name, { shape: weight.shape, data: corrected(merged.get(name) ?? weight, a, b) })
  }
  return merged
}

function corrected(weight: NamedTensor, a: NamedTensor, b: NamedTensor): Float32Array {
  const [out, into] = weight.shape as [number, number]
  const rank = a.shape[0]!
  const data = weight.data.slice()
  for (let i = 0; i < out; i++) {
    for (let r = 0; r < rank; r++) {
      const factor = b.data[i * rank + r]!
      for (let j = 0; j < into; j++) data[i * into + j]! += factor * a.data[r * into + j]!
    }
  }
  return data
}
