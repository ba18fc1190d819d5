import type { Assessor } from './assess.ts'
import { openScorer } from './scorer.ts'
import { openSegmenter, type SegmenterOptions } from './segmenter.ts'

export interface AssessorOptions extends Omit<SegmenterOptions, 'model'> {
  readonly prevalence?: number | undefined
}

/** The model that comes with this software and the score of what it marks. @throws as `openSegmenter` */
export async function openAssessor({ prevalence, ...options }: AssessorOptions): Promise<Assessor> {
  const segmenter = await openSegmenter(options)
  return {
    segmenter,
    scorer: openScorer(segmenter.model.sha256, prevalence),
    [Symbol.asyncDispose]: () => segmenter[Symbol.asyncDispose](),
  }
}
