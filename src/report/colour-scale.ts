/** Colours of maps, and their legends: both for readers who do not tell red from green. */
import { html, type Markup } from './markup.ts'

export type Rgb = readonly [red: number, green: number, blue: number]

/** Stops from the low to the high end, evenly spaced. */
export type ColourScale = readonly Rgb[]

/** For what has a sign: blue below 0, white at 0, red above. Source: ColorBrewer RdBu, reversed. */
export const DIVERGING: ColourScale = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
]

/** For what begins at 0. Source: viridis of Smith and van der Walt, 2015. */
export const SEQUENTIAL: ColourScale = [
  [68, 1, 84],
  [70, 50, 127],
  [54, 92, 141],
  [39, 127, 142],
  [31, 161, 135],
  [74, 194, 109],
  [159, 218, 58],
  [253, 231, 37],
]

/** The colour at a share of the way from the low end to the high one; beyond them, theirs. @param share 0..1 */
export function colourAt(scale: ColourScale, share: number): Rgb {
  const place = Math.min(Math.max(share, 0), 1) * (scale.length - 1)
  const below = Math.min(Math.floor(place), scale.length - 2)
  const [low, high] = [scale[below]!, scale[below + 1]!]
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (place - below) * (high[channel] - low[channel]))
  return [mix(0), mix(1), mix(2)]
}

/** In so many steps a bar looks smooth. */
const BAR_STEPS = 48

/** A bar of the colours; its ends are printed beside it by the caller. The page allows no styles of single elements. */
export function colourBar(scale: ColourScale): Markup {
  const steps = Array.from({ length: BAR_STEPS }, (_, i) => {
    const [red, green, blue] = colourAt(scale, i / (BAR_STEPS - 1))
    return html`<rect x="${i}" width="1.1" height="1" fill="rgb(${red} ${green} ${blue})"/>`
  })
  return html`<svg class="bar" viewBox="0 0 ${BAR_STEPS} 1" preserveAspectRatio="none" shape-rendering="crispEdges" aria-hidden="true">${steps}</svg>`
}
