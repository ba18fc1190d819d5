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

/** A bar of the colours; its ends are printed beside it by the caller. */
export function colourBar(scale: ColourScale): Markup {
  const colours = scale.map(([red, green, blue]) => `rgb(${red} ${green} ${blue})`).join(', ')
  return html`<span class="bar" style="background: linear-gradient(to right, ${colours})" aria-hidden="true"></span>`
}
