import type { Mask } from '#core/mask.ts'
import { boxMean } from './box-mean.ts'

/** 1 where the square of the given radius lies wholly in the region and in the image, else 0. */
export function interior(region: Mask, radius: number): Uint8Array {
  const { width, height } = region
  const share = boxMean(Float32Array.from(region.data), region, radius)
  const inside = new Uint8Array(share.length)
  for (let y = radius; y < height - radius; y++) {
    for (let x = radius; x < width - radius; x++) if (share[y * width + x] === 1) inside[y * width + x] = 1
  }
  return inside
}
