/** Prompts as a doctor might give them, drawn from the doctor's mask. */
import type { Random } from '#core/random.ts'
import type { Tensors } from '#engine/tensor.ts'
import { POINT_LABELS, PROMPT_FRAME } from '#sam/prompt-encoder.ts'
import { PROMPT_POINTS } from './correction.ts'

/** Deviation of a drawn box's corners, as a share of its sides, and at most this much in the 1024 frame: SAM's. */
const BOX_JITTER = 0.1
const BOX_JITTER_LIMIT = 20

interface SimulatedPrompt {
  /** x, y of each point in the 1024 frame. */
  readonly points: readonly number[]
  readonly labels: readonly number[]
  /** Whether a click corrects the automatic mask instead. */
  readonly corrects: boolean
}

const NO_PROMPT: SimulatedPrompt = {
  points: Array(2 * PROMPT_POINTS).fill(0),
  labels: Array(PROMPT_POINTS).fill(POINT_LABELS.none),
  corrects: false,
}

/**
 * The feeds of `promptsOf` for a batch: each image with a lesion gets a box, a click or a correction, by equal chance.
 * @param targets [B, side, side], 0..1
 */
export function promptFeeds(targets: Float32Array, side: number, random: Random): Tensors {
  const cells = side * side
  const batch = targets.length / cells
  const prompts = Array.from({ length: batch }, (_, i) => {
    return simulatedPrompt(targets.subarray(i * cells, (i + 1) * cells), side, random)
  })
  return {
    points: { data: Float32Array.from(prompts.flatMap(({ points }) => points)), shape: [batch, PROMPT_POINTS, 2] },
    labels: { data: Float32Array.from(prompts.flatMap(({ labels }) => labels)), shape: [batch, PROMPT_POINTS] },
    corrects: { data: Float32Array.from(prompts, ({ corrects }) => (corrects ? 1 : 0)), shape: [batch] },
    chance: {
      data: Float32Array.from({ length: batch * cells }, () => 1 - random.uniform()),
      shape: [batch, cells],
    },
  }
}

function simulatedPrompt(target: Float32Array, side: number, random: Random): SimulatedPrompt {
  const lesion = [...target.keys()].filter((cell) => target[cell]! > 0.5)
  if (lesion.length === 0) return NO_PROMPT
  switch (random.integer(3)) {
    case 0:
      return box(lesion, side, random)
    case 1:
      return click(lesion[random.integer(lesion.length)]!, side)
    default:
      return { ...NO_PROMPT, corrects: true }
  }
}

/** A click on the middle of a cell. */
function click(cell: number, side: number): SimulatedPrompt {
  const place = (at: number) => ((at + 0.5) * PROMPT_FRAME) / side - 0.5
  return {
    points: [place(cell % side), place(Math.floor(cell / side)), 0, 0],
    labels: [POINT_LABELS.foreground, POINT_LABELS.none],
    corrects: false,
  }
}

/** A box around the lesion, drawn with an unsteady hand. */
function box(lesion: readonly number[], side: number, random: Random): SimulatedPrompt {
  const scale = PROMPT_FRAME / side
  const columns = lesion.map((cell) => cell % side)
  const rows = lesion.map((cell) => Math.floor(cell / side))
  const range = (places: readonly number[]) => {
    const [low, high] = [Math.min(...places) * scale, (Math.max(...places) + 1) * scale]
    const jitter = () => random.normal() * BOX_JITTER * (high - low)
    const limited = () => Math.min(Math.max(jitter(), -BOX_JITTER_LIMIT), BOX_JITTER_LIMIT)
    return [low + limited(), high + limited()] as const
  }
  const [[x0, x1], [y0, y1]] = [range(columns), range(rows)]
  return { points: [x0, y0, x1, y1], labels: [POINT_LABELS.boxStart, POINT_LABELS.boxEnd], corrects: false }
}
