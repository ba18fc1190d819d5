/** The prompts that training simulates: a box or a click that is fed, or a click that corrects the mask before. */
import type { Graph, Value } from '#engine/graph.ts'
import { relu } from '#engine/operators/activation.ts'
import { add, cast, equal, mul, reduceMax, reduceSum, reshape, sub } from '#engine/operators/arithmetic.ts'
import { matmul } from '#engine/operators/products.ts'
import { concat } from '#engine/operators/shape.ts'
import { PROMPT_FRAME } from '#sam/prompt-encoder.ts'
import type { Prompt } from '#sam/prompted.ts'

/** Points that a prompt has besides the correcting click: a box has two corners. */
export const PROMPT_POINTS = 2
/** Keeps a mask without any error from having no place for a click: it then falls onto the lesion. */
const NO_ERROR_LEFT = 1e-3

/**
 * Graph inputs: `points` [B, 2, 2] in the 1024 frame and `labels` [B, 2], the prompts that are fed; `corrects` [B], 1
 * where a click corrects `before` instead; `chance` [B, m * m], 0..1, which of the wrong cells is clicked (as in SAM's
 * training, any with the same chance).
 * @param before logits of the mask before, [B, m, m], detached.
 * @param target [B, m, m], 0..1
 */
export function promptsOf(graph: Graph, before: Value, target: Value): Prompt {
  const [batch, side] = target.shape as [number, number, number]
  const cells = side * side
  const corrects = graph.input('corrects', [batch])
  const fed = {
    points: graph.input('points', [batch, PROMPT_POINTS, 2]),
    labels: graph.input('labels', [batch, PROMPT_POINTS]),
  }
  const truth = positive(reshape(sub(target, 0.5), [batch, cells]))
  const said = positive(reshape(before, [batch, cells]))
  const wrong = sub(add(truth, said), mul(mul(truth, said), 2))
  const candidates = mul(add(wrong, mul(truth, NO_ERROR_LEFT)), graph.input('chance', [batch, cells]))
  const chosen = cast(equal(candidates, reduceMax(candidates, [1], true)), 'float32')
  const one = mul(chosen, reshape(corrects, [batch, 1]))
  const click = reshape(matmul(one, cellCentres(graph, side)), [batch, 1, 2])
  const onLesion = reduceSum(mul(one, truth), [1])
  // Background is 0 and foreground 1; where nothing is corrected the third point is padding.
  const label = sub(onLesion, sub(1, corrects))
  return {
    points: concat([fed.points, click], 1),
    labels: concat([fed.labels, reshape(label, [batch, 1])], 1),
    previous: reshape(before, [batch, 1, side, side]),
    hasPrevious: reshape(corrects, [batch, 1, 1, 1]),
  }
}

/** 1 where a number is above 0; without a gradient. */
function positive(x: Value): Value {
  return cast(cast(relu(x), 'bool'), 'float32')
}

/** x and y of each mask cell's centre in the 1024 frame, [side * side, 2]. */
function cellCentres(graph: Graph, side: number): Value {
  const centres = new Float32Array(side * side * 2)
  for (let i = 0; i < side * side; i++) {
    centres[2 * i] = (((i % side) + 0.5) * PROMPT_FRAME) / side - 0.5
    centres[2 * i + 1] = ((Math.floor(i / side) + 0.5) * PROMPT_FRAME) / side - 0.5
  }
  return graph.constant(centres, [side * side, 2])
}
