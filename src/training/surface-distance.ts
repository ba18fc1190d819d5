import type { Mask } from '#core/mask.ts'
import { squaredDistances } from '#imaging/distance.ts'

/**
 * Average symmetric surface distance of two masks of one size: the mean distance from the border pixels of either to the
 * nearest border pixel of the other, in pixels. A border pixel is foreground with a neighbour (of four) that is not, or
 * beside the image's edge. `null` when one of them is empty.
 * Source: Heimann et al. 2009, IEEE TMI 28(8), doi:10.1109/TMI.2009.2013851.
 */
export function meanSurfaceDistancePx(a: Mask, b: Mask): number | null {
  const area = unionOfBounds(a, b)
  const [borderA, borderB] = [border(a, area), border(b, area)]
  if (!borderA.includes(1) || !borderB.includes(1)) return null
  const [toA, toB] = [squaredDistances(borderA, area), squaredDistances(borderB, area)]
  let [sum, count] = [0, 0]
  for (let i = 0; i < toA.length; i++) {
    sum += borderA[i]! * Math.sqrt(toB[i]!) + borderB[i]! * Math.sqrt(toA[i]!)
    count += borderA[i]! + borderB[i]!
  }
  return sum / count
}

interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function unionOfBounds(a: Mask, b: Mask): Area {
  let [left, top, right, bottom] = [a.width, a.height, -1, -1]
  for (let y = 0, i = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++, i++) {
      if (a.data[i] === 0 && b.data[i] === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = y
    }
  }
  return { left, top, width: Math.max(0, right - left + 1), height: Math.max(0, bottom - top + 1) }
}

function border(mask: Mask, { left, top, width, height }: Area): Uint8Array {
  const isSet = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.data[y * mask.width + x] === 1
  const found = new Uint8Array(width * height)
  for (let i = 0; i < found.length; i++) {
    const [x, y] = [left + (i % width), top + Math.floor(i / width)]
    const isInner = isSet(x - 1, y) && isSet(x + 1, y) && isSet(x, y - 1) && isSet(x, y + 1)
    found[i] = isSet(x, y) && !isInner ? 1 : 0
  }
  return found
}
