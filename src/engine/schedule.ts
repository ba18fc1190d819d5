/** Learning rate over a run: a linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017). */
export interface Schedule {
  readonly warmUpSteps: number
  readonly totalSteps: number
}

/** The factor on the base learning rate at a step (0 for the first): 0..1. */
export function scheduleFactor({ warmUpSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmUpSteps) return (step + 1) / warmUpSteps
  const progress = Math.min((step - warmUpSteps) / Math.max(totalSteps - warmUpSteps, 1), 1)
  return 0.5 * (1 + Math.cos(Math.PI * progress))
}
