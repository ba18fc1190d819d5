import path from 'node:path'
import { z } from 'zod'
import { Modality } from '#core/modality.ts'
import type { Words } from '#core/words.ts'
import { isFactor } from '#sam/lora.ts'
import { DEFAULT_MODEL, type ModalitySettings, type ModelFile, type ModelMetadata } from '#sam/model.ts'
import shapes from '#sam/tensors.json' with { type: 'json' }
import { trunkBlock } from '#sam/trunk.ts'
import { STANDARD_BASE_ID } from '#sam/weights.ts'
import { HeldOutFigures } from '#training/held-out.ts'
import type { RobustnessRow } from '#training/robustness.ts'
import { Summary } from '#training/summary.ts'
import { Source } from './manifests.ts'
import { modelReport } from './model-report.ts'

/** Tensors of one part of the model that are not the base weights'. */
export interface Change {
  readonly part: string
  readonly tensors: number
  readonly parameters: number
  /** The base weights have no such part: fine-tuning added it. */
  readonly isNew: boolean
}

/** Images of one data set in one split. */
export interface DataCount {
  readonly dataset: string
  readonly split: string
  readonly lesion: number
  readonly normal: number
}

/** Figures on some images. */
export interface MeasuredFigures {
  readonly split: string
  /** Of the images; `null` where nothing says. */
  readonly dataHash: string | null
  /** Of the masks that a user gets. */
  readonly summary: Summary
  /** Of the decoder's masks, whatever presence says. */
  readonly withoutPresenceGate: Summary | null
}

/** What a model file tells of itself. What it does not tell is `null`. */
export interface ModelCard {
  readonly name: string
  /** Base name. */
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  /** The model that comes with this software. */
  readonly isDefault: boolean
  readonly base: { readonly sha256: string; readonly isStandard: boolean }
  /** The model that training went on from; `null` where it began with the base weights or nothing says. */
  readonly startSha256: string | null
  readonly changes: readonly Change[]
  readonly modalities: Readonly<Partial<Record<Modality, ModalitySettings>>>
  readonly data: {
    /** Over ids, splits and the bytes of images and masks. */
    readonly sha256: string | null
    readonly images: number | null
    readonly counts: readonly DataCount[]
    readonly sources: readonly Source[]
  }
  readonly settings: Readonly<Record<string, string | number>>
  /** Version of this software that trained it. */
  readonly software: string | null
  /** On the validation images of its training. */
  readonly figures: MeasuredFigures | null
  /** How the presence gate and the confidence hold on images that they were not chosen or fitted on. */
  readonly heldOut: HeldOutFigures | null
  /** On other images, measured with this very file. */
  readonly measured: readonly MeasuredFigures[]
  readonly robustness: readonly RobustnessRow[]
  readonly limits: readonly Words[]
}

/** The part of a model's provenance that `zaoshai train` writes. All of it may be missing in another's file. */
const Provenance = z.object({
  settings: z.record(z.string(), z.json()).catch({}),
  data: z
    .object({
      sha256: z.string().nullable().catch(null),
      images: z.int().nullable().catch(null),
      counts: z.record(z.string(), z.int()).catch({}),
    })
    .catch({ sha256: null, images: null, counts: {} }),
  sources: z.array(Source).catch([]),
  startSha256: z.string().nullable().catch(null),
  zaoshai: z.string().nullable().catch(null),
})

/** What was measured with a model after it was written: see {@link readResults}. */
export type Results = Pick<ModelCard, 'measured' | 'robustness'>

/** @param file path of the model file. */
export function cardOf(
  { metadata, sha256, bytes, tensors }: ModelFile,
  file: string,
  results: Results = { measured: [], robustness: [] },
): ModelCard {
  const { settings, data, sources, startSha256, zaoshai } = Provenance.parse(metadata.provenance)
  const heldOut = HeldOutFigures.safeParse(metadata.figures).data ?? null
  return {
    name: metadata.name,
    file: path.basename(file),
    sha256,
    bytes,
    isDefault: path.resolve(file) === DEFAULT_MODEL,
    base: { sha256: metadata.baseSha256, isStandard: metadata.baseSha256 === STANDARD_BASE_ID },
    startSha256: startSha256 === metadata.baseSha256 ? null : startSha256,
    changes: changesOf(tensors),
    modalities: inOrder(metadata.modalities),
    data: { ...data, counts: countsOf(data.counts), sources },
    settings: Object.fromEntries(Object.entries(settings).flatMap(([name, value]) => plain(name, value))),
    software: zaoshai,
    figures: figuresOf(metadata.figures, heldOut),
    heldOut,
    ...results,
    limits: modelReport({ metadata, sha256 }).limits,
  }
}

function figuresOf(figures: ModelMetadata['figures'], heldOut: HeldOutFigures | null): MeasuredFigures | null {
  const summary = Summary.safeParse(figures).data
  if (summary === undefined) return null
  const split = typeof figures.split === 'string' ? figures.split : 'val'
  const withoutPresenceGate = Summary.safeParse(figures.withoutPresenceGate).data ?? null
  return { split, dataHash: heldOut?.dataHash ?? null, summary, withoutPresenceGate }
}

function inOrder(modalities: ModelMetadata['modalities']): ModelCard['modalities'] {
  return Object.fromEntries(Modality.options.flatMap((name) => (modalities[name] ? [[name, modalities[name]]] : [])))
}

function plain(name: string, value: unknown): [string, string | number][] {
  if (typeof value === 'string' || typeof value === 'number') return [[name, value]]
  return value === null || value === undefined ? [] : [[name, JSON.stringify(value)]]
}

/** `busi train lesion: 388` as rows; a data set's name may hold spaces. */
function countsOf(counts: Readonly<Record<string, number>>): DataCount[] {
  const rows = new Map<string, DataCount>()
  for (const [key, count] of Object.entries(counts)) {
    const [, dataset, split, kind] = /^(.*) (\S+) (lesion|normal)$/.exec(key) ?? []
    if (dataset === undefined || split === undefined) continue
    const name = `${dataset} ${split}`
    const row = rows.get(name) ?? { dataset, split, lesion: 0, normal: 0 }
    rows.set(name, { ...row, [kind === 'lesion' ? 'lesion' : 'normal']: count })
  }
  return [...rows.values()]
}

function changesOf(tensors: ModelFile['tensors']): Change[] {
  const groups = Map.groupBy(tensors, ([name]) => partOf(corrected(name)))
  const parts = [...groups].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  return parts.map(([part, of]) => ({
    part,
    tensors: of.length,
    parameters: of.reduce((sum, [, { data }]) => sum + data.length, 0),
    isNew: of.every(([name]) => !Object.hasOwn(shapes, corrected(name))),
  }))
}

/** The parameter that a tensor changes: itself, or of a factor of a low-rank correction the weight that it corrects. */
function corrected(name: string): string {
  return isFactor(name) ? name.replace(/^lora\.(.*)\.[ab]$/, '$1') : name
}

/** The part that a parameter belongs to: a block of the trunk, else the first words of its name. */
function partOf(name: string): string {
  const block = trunkBlock(name)
  if (block !== undefined) return `image_encoder.trunk.blocks.${block.block}`
  const [first = '', second] = name.split('.')
  return first === 'image_encoder' && second !== undefined ? `${first}.${second}` : first
}
