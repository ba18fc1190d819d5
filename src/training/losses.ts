/** Losses as graphs. Every sample's weight is given, already divided by the sum of weights, so that losses are sums. */
import type { Value } from '#engine/graph.ts'
import { relu, sigmoid, softplus } from '#engine/operators/activation.ts'
import {
  add,
  cast,
  div,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  square,
  sub,
  sumAll,
} from '#engine/operators/arithmetic.ts'

/** Keeps Dice defined, and its gradient small, where target and prediction are empty; pixels of the mask's grid. */
const DICE_SMOOTHING = 1
/** Alpha of the focal loss (Lin et al. 2017): what foreground counts, against 0.75 for background. */
const FOCAL_FOREGROUND = 0.25

export interface MaskLosses {
  /** 1 - soft Dice, each image by itself. */
  readonly dice: Value
  /** Binary cross-entropy, mean over pixels. */
  readonly crossEntropy: Value
  /** Focal loss with gamma 2 and alpha 0.25, mean over pixels. */
  readonly focal: Value
}

/**
 * How far mask logits are from a soft target. All scalars.
 * @param logits [B, H, W]
 * @param target [B, H, W], 0..1
 * @param weights [B]
 */
export function maskLosses(logits: Value, target: Value, weights: Value): MaskLosses {
  const [batch, height, width] = logits.shape as [number, number, number]
  const z = reshape(logits, [batch, height * width])
  const t = reshape(target, [batch, height * width])
  const p = sigmoid(z)
  const crossEntropy = sub(softplus(z), mul(z, t))
  const shared = reduceSum(mul(p, t), [1])
  const total = add(reduceSum(p, [1]), reduceSum(t, [1]))
  const dice = sub(1, div(add(mul(shared, 2), DICE_SMOOTHING), add(total, DICE_SMOOTHING)))
  return {
    dice: weightedSum(dice, weights),
    crossEntropy: weightedSum(reduceMean(crossEntropy, [1]), weights),
    focal: weightedSum(reduceMean(mul(focalWeight(p, t), crossEntropy), [1]), weights),
  }
}

/** alpha_t (1 - p_t)^2, with p_t the probability given to the soft target's side. */
function focalWeight(p: Value, t: Value): Value {
  const missed = sub(add(p, t), mul(mul(p, t), 2))
  const alpha = add(mul(t, 2 * FOCAL_FOREGROUND - 1), 1 - FOCAL_FOREGROUND)
  return mul(alpha, square(missed))
}

/**
 * How far the coarse map of lesions is from the target's mean over each of its cells: cross-entropy and soft Dice.
 * @param logits [B, h, w]
 * @param target [B, H, W], 0..1; H and W are multiples of h and w.
 * @param weights [B]
 */
export function objectnessLoss(logits: Value, target: Value, weights: Value): Value {
  const [batch, h, w] = logits.shape as [number, number, number]
  const [stepY, stepX] = [target.shape[1]! / h, target.shape[2]! / w]
  const cells = reduceMean(reshape(target, [batch, h, stepY, w, stepX]), [2, 4])
  const { dice, crossEntropy } = maskLosses(logits, cells, weights)
  return add(dice, crossEntropy)
}

/**
 * Binary cross-entropy of one logit per image.
 * @param logits [B]
 * @param labels [B], 0 or 1
 * @param weights [B]
 */
export function presenceLoss(logits: Value, labels: Value, weights: Value): Value {
  return weightedSum(sub(softplus(logits), mul(logits, labels)), weights)
}

/**
 * Squared error of the predicted IoU against the IoU that the mask (logit > 0) really has with the target. The real
 * IoU is a fact here: no gradient flows through it into the mask.
 * @param predicted [B], 0..1
 * @param logits [B, H, W]
 * @param target [B, H, W], 0..1
 * @param weights [B]
 */
export function iouLoss(predicted: Value, logits: Value, target: Value, weights: Value): Value {
  const [batch, height, width] = logits.shape as [number, number, number]
  // The way through bool has no gradient: that is what detaches.
  const mask = reshape(cast(cast(relu(logits), 'bool'), 'float32'), [batch, height * width])
  const t = reshape(target, [batch, height * width])
  const shared = reduceSum(mul(mask, t), [1])
  const union = sub(add(reduceSum(mask, [1]), reduceSum(t, [1])), shared)
  const real = div(add(shared, DICE_SMOOTHING), add(union, DICE_SMOOTHING))
  return weightedSum(square(sub(predicted, real)), weights)
}

function weightedSum(values: Value, weights: Value): Value {
  return sumAll(mul(values, weights))
}
